/** The dashboard's one style sheet: light and dark, print, 390 px to 2560 px. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16191d;--mute:#5a6472;--line:#dfe3e8;--accent:#0b5cad;--accent-ink:#fff;
--critical:#a4001d;--high:#b23c00;--medium:#7a5500;--low:#35597a;--info:#56606c;--pass:#0a6b3d;--unknown:#6a3fa0;
--critical-bg:#fde7ea;--high-bg:#ffeadd;--medium-bg:#fff3cf;--low-bg:#e5eff8;--info-bg:#eceff2;--pass-bg:#dff5e8;--unknown-bg:#f0e8fb}
@media(prefers-color-scheme:dark){:root{--bg:#0f1216;--card:#171b21;--ink:#e8ebef;--mute:#9aa5b1;--line:#2a313a;--accent:#6cb2ff;--accent-ink:#06121f;
--critical:#ff8f9f;--high:#ffa877;--medium:#f2c94c;--low:#8fc1ee;--info:#aab4bf;--pass:#6fd8a0;--unknown:#c9a6ff;
--critical-bg:#43141c;--high-bg:#40220f;--medium-bg:#3a2e0c;--low-bg:#142c42;--info-bg:#252c34;--pass-bg:#0f3322;--unknown-bg:#2c1f45}}
*{box-sizing:border-box}html{scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--card);padding:8px 12px;z-index:9}
header.top{background:var(--card);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:2}
header.top .bar{max-width:1680px;margin:0 auto;padding:0 24px;display:flex;align-items:center;gap:8px 28px;flex-wrap:wrap;min-height:56px}
.brand{font-weight:700;font-size:17px;text-decoration:none;color:var(--ink);display:flex;gap:10px;align-items:center;padding:10px 0}
.brand svg{width:24px;height:24px;color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:2px;list-style:none;margin:0;padding:0}
nav a{display:block;padding:8px 12px;border-radius:8px;text-decoration:none;color:var(--mute);font-weight:550}
nav a:hover{color:var(--ink);background:var(--bg)}nav a[aria-current]{color:var(--accent);background:var(--bg)}
main{max-width:1680px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:28px;line-height:1.25;margin:0 0 6px;letter-spacing:-.015em}h2{font-size:18px;margin:0 0 14px}h3{font-size:15px;margin:0 0 6px}
.lede{font-size:17px;color:var(--mute);margin:0 0 22px;max-width:80ch}.lede strong{color:var(--ink)}
.grid{display:grid;gap:20px;grid-template-columns:repeat(12,minmax(0,1fr))}.span3{grid-column:span 3}.span4{grid-column:span 4}.span5{grid-column:span 5}.span6{grid-column:span 6}.span7{grid-column:span 7}.span8{grid-column:span 8}.span12{grid-column:1/-1}
@media(max-width:1000px){.span3,.span4,.span5,.span6,.span7,.span8{grid-column:1/-1}}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px;min-width:0}
.figures{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));margin:0 0 20px}
.figure{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;text-decoration:none;color:inherit;border-top:4px solid var(--line)}
.figure b{display:block;font-size:30px;line-height:1.15;font-variant-numeric:tabular-nums}.figure span{color:var(--mute)}
.figure.fail{border-top-color:var(--critical)}.figure.pass{border-top-color:var(--pass)}.figure.unknown{border-top-color:var(--unknown)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:9px 12px;border-bottom:1px solid var(--line);vertical-align:top}
thead th{font-size:12.5px;color:var(--mute);font-weight:600;white-space:nowrap}thead th a{color:inherit;text-decoration:none}thead th a:hover{text-decoration:underline}
tbody tr:hover{background:color-mix(in srgb,var(--accent) 5%,transparent)}td.num,th.num{text-align:right}td,th{overflow-wrap:break-word}td.name,td.msg,td code{overflow-wrap:anywhere}td.name{min-width:14ch}td.msg{min-width:28ch}
.badge{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12.5px;font-weight:600;white-space:nowrap;background:var(--info-bg);color:var(--info)}
.critical{--c:var(--critical);--b:var(--critical-bg)}.high{--c:var(--high);--b:var(--high-bg)}.medium{--c:var(--medium);--b:var(--medium-bg)}.low{--c:var(--low);--b:var(--low-bg)}.info,.not-applicable,.exempted{--c:var(--info);--b:var(--info-bg)}
.pass,.resolved,.assessed,.proven,.compliant{--c:var(--pass);--b:var(--pass-bg)}.unknown,.not-assessed,.partly-assessed,.stale{--c:var(--unknown);--b:var(--unknown-bg)}.fail,.open,.failing,.disproved{--c:var(--critical);--b:var(--critical-bg)}.declared{--c:var(--medium);--b:var(--medium-bg)}.resolved-step,.transition{--c:var(--low);--b:var(--low-bg)}
.badge[class*=" "]{background:var(--b,var(--info-bg));color:var(--c,var(--info))}
.bars{display:grid;gap:8px}.bars .row{display:grid;grid-template-columns:minmax(90px,22ch) 1fr 5ch;gap:12px;align-items:center}
meter,.track{width:100%;height:10px;border-radius:5px;background:var(--info-bg);display:block;overflow:hidden}.track svg{display:block;width:100%;height:10px}.track rect{fill:var(--c,var(--accent))}
form.filters{display:flex;flex-wrap:wrap;gap:10px;align-items:end;margin:0 0 14px}form.filters label,form.stack label{display:grid;gap:3px;font-size:12.5px;color:var(--mute);font-weight:600}
input,select,textarea,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:7px 10px;max-width:100%}
button,.button{background:var(--accent);color:var(--accent-ink);border-color:transparent;font-weight:600;cursor:pointer;text-decoration:none;padding:7px 14px;border-radius:8px;display:inline-block}
button.quiet{background:transparent;color:var(--accent);border:1px solid var(--line)}
pre{background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:12px;overflow-x:auto;margin:0;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}.copy{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:8px;align-items:start}
dl.facts{display:grid;grid-template-columns:minmax(10ch,auto) minmax(0,1fr);gap:6px 18px;margin:0}dl.facts dt{color:var(--mute)}dl.facts dd{margin:0}
ol.plain{list-style:none;margin:0;padding:0;display:grid;gap:10px}ol.timeline{list-style:none;margin:0;padding:0 0 0 18px;border-left:2px solid var(--line)}ol.timeline li{margin:0 0 14px;position:relative}ol.timeline li::before{content:"";position:absolute;left:-24px;top:7px;width:10px;height:10px;border-radius:50%;background:var(--c,var(--accent))}
.mute{color:var(--mute)}.empty{border:1px dashed var(--line);border-radius:12px;padding:28px;text-align:center;color:var(--mute)}.empty h3{color:var(--ink)}
.gap{border-left:4px solid var(--unknown)}.trend{width:100%;height:160px;display:block}.trend .area{fill:color-mix(in srgb,var(--critical) 14%,transparent)}.trend .line{fill:none;stroke:var(--critical);stroke-width:2;vector-effect:non-scaling-stroke}.trend .axis{stroke:var(--line);vector-effect:non-scaling-stroke}
.age{min-width:170px}.age svg{width:100%;height:12px;display:block}.pager{display:flex;gap:10px;justify-content:space-between;margin-top:14px;align-items:center}
.live{display:flex;gap:10px;align-items:center;background:var(--low-bg);color:var(--low);border-radius:10px;padding:10px 14px;margin:0 0 18px;font-weight:600}.live progress{flex:1;max-width:340px}
footer{max-width:1680px;margin:0 auto;padding:0 24px 40px;color:var(--mute);font-size:13px}
@media(max-width:640px){main{padding:18px 14px 48px}header.top{position:static}header.top .bar{padding:6px 14px}h1{font-size:23px}.card{padding:14px}th,td{padding:8px}.figure b{font-size:24px}.copy{grid-template-columns:1fr}
table.stack thead{position:absolute;left:-999px}table.stack tr{display:block;border-bottom:1px solid var(--line);padding:8px 0}table.stack td{display:grid;grid-template-columns:12ch minmax(0,1fr);gap:10px;border:0;padding:3px 4px;text-align:left}table.stack td::before{content:attr(data-label);color:var(--mute);font-size:12.5px}table.stack td{overflow-wrap:anywhere}table.stack td.msg,table.stack td.name{min-width:0}}
@media print{header.top nav,form,button,.skip,.pager{display:none!important}body{background:#fff;color:#000;font-size:11pt}.card,.figure{break-inside:avoid;border-color:#bbb}a{color:inherit;text-decoration:none}main{padding:0}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
