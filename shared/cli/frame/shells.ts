/** The hidden command that shells call for completions. The words of the command line follow; the last one is to be completed. */
export const COMPLETE = '__complete';

/**
 * The completion scripts. Each calls Kataudit itself, so that the completions match the installed version, and completes file
 * names if there are none. They need only what the shell provides.
 */
export const SHELLS = {
  bash: `_kataudit() {
  local IFS=$'\\n' current="\${COMP_WORDS[COMP_CWORD]}" line
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done < <(kataudit ${COMPLETE} -- "\${words[@]}" 2>/dev/null)
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _kataudit kataudit`,
  zsh: `#compdef kataudit
_kataudit() {
  local -a lines offered
  local line
  lines=("\${(@f)$(kataudit ${COMPLETE} -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  lines=("\${(@)lines:#}")
  for line in "\${lines[@]}"; do offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); done
  if (( \${#offered} )); then _describe kataudit offered; else _files; fi
}
compdef _kataudit kataudit`,
  fish: `function __kataudit_complete
  set -l words (commandline --tokenize --cut-at-cursor)
  kataudit ${COMPLETE} -- $words[2..] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command kataudit --arguments '(__kataudit_complete)'`,
  powershell: `Register-ArgumentCompleter -Native -CommandName kataudit -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  kataudit ${COMPLETE} '--' @words 2>$null | ForEach-Object {
    $value, $what = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $(if ($what) { $what } else { $value }))
  }
}`,
} as const satisfies Readonly<Record<string, string>>;

/** The shells with a completion script. */
export const SHELL_NAMES = ['bash', 'zsh', 'fish', 'powershell'] as const satisfies readonly (keyof typeof SHELLS)[];
