import { createRequire } from 'node:module';

/** A node of a query's syntax tree, from Microsoft's language service. */
export interface KqlNode {
  readonly Kind: number;
  readonly ChildCount: number;
  GetChild(at: number): KqlNode | null;
  ToString(): string;
}

interface Diagnostics {
  readonly Count: number;
  getItem(at: number): { readonly Message: string };
}

interface KustoLanguage {
  readonly KustoCode: { ParseAndAnalyze(text: string): { readonly Syntax: KqlNode; GetDiagnostics(): Diagnostics } };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, number>> };
}

/** Columns of the tables that alerts and documents read: learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces and similar pages. */
const TABLES: Readonly<Record<string, string>> = {
  AppTraces: 'TimeGenerated:datetime, Message:string, SeverityLevel:int, OperationName:string, AppRoleName:string, Properties:dynamic',
  AppRequests: 'TimeGenerated:datetime, Name:string, Url:string, Success:bool, ResultCode:string, DurationMs:real, OperationName:string',
  AppDependencies:
    'TimeGenerated:datetime, Name:string, Target:string, Success:bool, DurationMs:real, OperationName:string, Properties:dynamic',
  AppExceptions: 'TimeGenerated:datetime, ExceptionType:string, OuterMessage:string, OperationName:string, Properties:dynamic',
};

const require = createRequire(import.meta.url);
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
// The packages are written for browsers and register themselves in the global object.
const { Language }: { readonly Language: KustoLanguage } = Reflect.get(globalThis, 'Kusto');

const DECLARED = Object.entries(TABLES)
  .map(([name, columns]) => `let ${name} = datatable(${columns})[];\n`)
  .join('');

/** The errors that Microsoft's parser reports for a query: syntax, functions, and columns of its tables. */
export function kqlProblems(query: string): readonly string[] {
  const found = Language.KustoCode.ParseAndAnalyze(`${DECLARED}${query}`).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, at) => found.getItem(at).Message);
}

/** The syntax tree of a query; call `kqlProblems` first. */
export function parseKql(query: string): KqlNode {
  return Language.KustoCode.ParseAndAnalyze(query).Syntax;
}

const NAMES = new Map(Object.entries(Language.Syntax.SyntaxKind).map(([name, kind]) => [kind, name]));

/** The kind of a node: `FilterOperator`, `HasExpression`, … */
export function kindOf({ Kind }: KqlNode): string {
  return NAMES.get(Kind) ?? String(Kind);
}

/** The children of a node. */
export function childrenOf(node: KqlNode): readonly KqlNode[] {
  return Array.from({ length: node.ChildCount }, (_, at) => node.GetChild(at)).filter((child) => child !== null);
}
