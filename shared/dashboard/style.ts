import { PARTS_STYLE } from './style-parts.ts';

/** Colors, fonts and the frame of every page: light and dark, print, 320 px to 2560 px. */
const BASE_STYLE = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#14181d;--mute:#55606d;--line:#dde2e8;--soft:#eef1f4;--accent:#0a5aa8;--accent-ink:#fff;
--critical:#a4001d;--high:#a83a00;--medium:#765200;--low:#2f5576;--info:#525c68;--pass:#08653a;--unknown:#653a9b;
--critical-bg:#fce6e9;--high-bg:#ffe9dc;--medium-bg:#fff1c9;--low-bg:#e3edf7;--info-bg:#eaedf1;--pass-bg:#dcf3e6;--unknown-bg:#efe7fb;
--fill-critical:#c8102e;--fill-high:#e2662a;--fill-medium:#d9a514;--fill-low:#6c9bc4;--fill-info:#a9b3be;--fill-pass:#36a26c;--fill-unknown:#9a74cf;
--t-s:12px;--t-m:13px;--t-b:14px;--t-l:16px;--t-xl:20px;--t-xxl:28px}
@media(prefers-color-scheme:dark){:root{--bg:#0e1115;--card:#161a20;--ink:#e7eaee;--mute:#9ba6b2;--line:#29303a;--soft:#1e242c;--accent:#74b6ff;--accent-ink:#06121f;
--critical:#ff929f;--high:#ffab7d;--medium:#efc751;--low:#94c4f0;--info:#adb7c2;--pass:#73d9a3;--unknown:#cbaaff;
--critical-bg:#42151d;--high-bg:#3f2311;--medium-bg:#38300e;--low-bg:#152d43;--info-bg:#252c35;--pass-bg:#103423;--unknown-bg:#2d2046;
--fill-critical:#e5485c;--fill-high:#e07a45;--fill-medium:#c79a26;--fill-low:#5d8fba;--fill-info:#66717d;--fill-pass:#3f9f6e;--fill-unknown:#8c66c4}}
*{box-sizing:border-box}html{scroll-behavior:smooth;scroll-padding-top:64px}
body{margin:0;background:var(--bg);color:var(--ink);font:var(--t-b)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
a{color:var(--accent);text-underline-offset:2px}a:hover{text-decoration-thickness:2px}
:is(a,button,input,select,textarea,summary,[tabindex]):focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.skip:focus{width:auto;height:auto;clip-path:none;left:12px;top:12px;background:var(--card);padding:8px 12px;z-index:9}
header.top{background:var(--card);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:5}
header.top .bar{max-width:2400px;margin:0 auto;padding:0 24px;display:flex;align-items:center;gap:4px 28px;flex-wrap:wrap;min-height:52px}
.brand{font-weight:700;font-size:var(--t-l);text-decoration:none;color:var(--ink);display:flex;gap:9px;align-items:center;padding:8px 0}.brand svg{width:22px;height:22px;color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:2px;list-style:none;margin:0;padding:0}header nav a{display:block;padding:8px 12px;border-radius:7px;text-decoration:none;color:var(--mute);font-weight:550}
header nav a:hover{color:var(--ink);background:var(--soft)}nav a[aria-current]{color:var(--ink);background:var(--soft);font-weight:650}
main{max-width:2400px;margin:0 auto;padding:22px 24px 56px}main:focus{outline:none}
h1{font-size:var(--t-xxl);line-height:1.22;margin:0 0 6px;letter-spacing:-.018em;font-weight:680;text-wrap:balance;overflow-wrap:anywhere;min-width:0}h2{font-size:var(--t-l);line-height:1.3;margin:0 0 10px;font-weight:650}h3{font-size:var(--t-b);margin:18px 0 4px;font-weight:650}
p{margin:0 0 8px}.lede{font-size:var(--t-l);color:var(--mute);margin:0 0 16px;max-width:90ch}.mute{color:var(--mute)}small{font-size:var(--t-b);color:var(--mute);font-weight:400}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-width:0;margin:0 0 16px}.card.reading{max-width:1100px}.card.gap{border-left:4px solid var(--fill-unknown)}
.head{display:flex;flex-wrap:wrap;gap:4px 18px;justify-content:space-between;align-items:baseline;margin:0 0 8px}.head h1,.head h2,.head p{margin:0}
.columns{display:grid;gap:16px;grid-template-columns:minmax(0,1.75fr) minmax(0,1.3fr)}.columns.even{grid-template-columns:1fr 1fr}.columns>.card{margin-bottom:16px}
input,select,textarea,button{font:inherit;color:inherit;background:var(--card);border:1px solid #8a94a0;border-radius:7px;padding:6px 9px;max-width:100%;min-height:34px}
button,.button{background:var(--accent);color:var(--accent-ink);border-color:transparent;font-weight:600;cursor:pointer;text-decoration:none;padding:6px 13px;border-radius:7px;display:inline-block;min-height:34px}
.quiet{background:transparent;color:var(--accent);border:1px solid #8a94a0}.danger{color:var(--critical)}button:disabled{opacity:.55;cursor:default}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:var(--t-m)}code{overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:7px;padding:10px 12px;margin:0;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
footer{max-width:2400px;margin:0 auto;padding:0 24px 32px;color:var(--mute);font-size:var(--t-m)}
ul.plain,ol.plain{list-style:none;margin:6px 0 0;padding:0;display:grid;gap:6px}details>summary{cursor:pointer;padding:5px 0;min-height:28px}
`;

const NARROW_STYLE = `
@media(max-width:1400px){.columns.even{grid-template-columns:minmax(0,1fr);gap:0}}@media(max-width:1100px){.columns{grid-template-columns:minmax(0,1fr);gap:0}}
@media(max-width:640px){.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:8px 10px}.tile .figure{font-size:20px}ul.evidence li+li::before{content:none}ul.evidence{gap:0 14px}ol.rows li{grid-template-columns:74px minmax(0,1fr)}ol.rows li>.mute:last-child{text-align:left;grid-column:2}ol.changes li>:nth-child(n+3){grid-column:2}:root{--t-xxl:22px;--t-l:15px}main{padding:14px 12px 40px;overflow-wrap:anywhere}select{width:100%}header.top{position:static}header.top .bar{padding:4px 12px}header nav a{padding:8px 9px}.card{padding:11px 12px;margin-bottom:10px}.columns>.card{margin-bottom:10px}
table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table.stack,table.stack tbody{display:block}table.stack tr{display:flex;flex-wrap:wrap;gap:0 14px;border-bottom:1px solid var(--line);padding:6px 0}#clusters table.stack tr{display:grid;grid-template-columns:1fr 1fr;gap:0 12px}
table.stack td{display:block;border:0;padding:1px 0;text-align:left}table.stack td:is(.name,.what,.msg){flex:1 0 100%;grid-column:1/-1}table.stack td.short{flex:0 1 auto}table.stack td::before{content:attr(data-label) " ";color:var(--mute);font-size:var(--t-s)}table.stack td:is(.name,.what)::before{content:none}table.stack .group th{display:block;flex:1 0 100%;border:0;padding:2px 6px;font-weight:400}table.stack td:is([data-label="Step reached"],[data-label=Pool],[data-label="Workload runtime"],[data-label=Class],[data-label=Pools],[data-label=Handlers],[data-label=Nodes].short,[data-label=Workload],[data-label=Kind],[data-label=RuntimeClass])::before{content:none}table.stack td.bar{display:flex;flex:1 1 130px;gap:6px;align-items:center}td.bar .age,td.bar svg.shares{flex:1}td.bar .age{grid-template-columns:minmax(16px,1fr) auto}td.bar::before{white-space:nowrap}
table.dense.stack tr{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:0 12px}table.dense.stack td.what{white-space:normal}table.dense.stack tr.group{display:block}table.dense.stack tr:has([data-label=Select]){grid-template-columns:24px auto minmax(0,1fr) auto}table.dense.stack tr:has([data-label=Select]) td{grid-column:2/-1}table.dense.stack tr td[data-label=Select]{grid-row:1/3;grid-column:1}table.dense.stack tr:has([data-label=Select]) td[data-label=Severity]{grid-column:2}table.dense.stack tr:has([data-label=Select]) td[data-label=Rule]{grid-column:3}table.dense.stack tr:has([data-label=Select]) td[data-label="First seen"]{grid-column:4}table.dense.stack td:is([data-label=Select],[data-label=Severity],[data-label="First seen"])::before{content:none}table.dense.stack td[data-label="First seen"]{grid-row:1;grid-column:3}table.dense.stack td.what{grid-row:2;min-width:0;width:auto;max-width:none}table.dense.stack td[data-label=Rule]{grid-row:1;grid-column:2;max-width:none;overflow:hidden;text-overflow:ellipsis}table.dense.stack td[data-label=Rule]::before{content:none}table.dense.stack td[data-label=Owner]{grid-column:1/-1}table.dense.stack td.none,table.dense.stack .message{display:none}
#clusters table.stack td.name{grid-column:1}#clusters table.stack td[data-label=Status]::before{content:none}#clusters table.stack td[data-label=Proof]:not(:has(.badge)){display:none}
ol.changes li{grid-template-columns:74px minmax(0,1fr) auto}#changes ol.changes li>:nth-child(2){grid-column:2/-1}#changes ol.changes li>:nth-child(3){grid-column:2}#changes ol.changes li>:nth-child(4){grid-column:3}
ol.changes .message{display:none}#rules ol.rows li{grid-template-columns:74px minmax(0,1fr) auto}#rules ol.rows li>.mute:last-child{grid-column:2/-1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}#rules ol.rows li>span:empty{display:none}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--mute:#444;--line:#bbb;--soft:#f3f3f3;--accent:#000;--critical:#900;--high:#8a3000;--medium:#5f4200;--low:#234;--info:#444;--pass:#064;--unknown:#527;--critical-bg:#fff;--high-bg:#fff;--medium-bg:#fff;--low-bg:#fff;--info-bg:#fff;--pass-bg:#fff;--unknown-bg:#fff}
@page{size:A4;margin:14mm}header.top nav,form,button,.skip,.pager,.range,.filter-pane,.copy button{display:none!important}form.selection{display:block!important}header.top{position:static}body{font-size:9.5pt;background:#fff}main{padding:0;max-width:none}
.card,.tile{border-color:#bbb;break-inside:auto}.tile,.trend,tr,li{break-inside:avoid}h1,h2,h3{break-after:avoid}.scroll,#clusters .scroll{max-height:none;overflow:visible}#clusters thead th{position:static;box-shadow:none}#clusters td.name{white-space:nowrap!important}ol.changes .message{white-space:normal}ol.changes .message:last-child{grid-column:2/-1}table{font-size:8pt;table-layout:auto}thead{display:table-header-group;position:static!important}th,td{padding:3px 5px;white-space:normal!important;overflow-wrap:break-word;min-width:0!important}td:is(.what,.msg){overflow-wrap:anywhere}td.what{width:52%;max-width:none}td code{overflow-wrap:break-word;font-size:7.5pt}td[data-label=Select],th:has(.sr){display:none}.badge{border:1px solid currentColor}
.columns,.columns.even,.finding-layout,.finding-layout.with-panel{display:block}.tiles{grid-template-columns:repeat(3,1fr)}a{color:inherit;text-decoration:none}td.what .message{white-space:normal;max-width:none}details:not([open])>*:not(summary){display:revert}details::details-content{content-visibility:visible;block-size:auto}}
`;

/** The only style sheet of the dashboard. */
export const STYLE = `${BASE_STYLE}${PARTS_STYLE}${NARROW_STYLE}`;
