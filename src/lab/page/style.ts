/** Laboratory: how the page of `crawl lab --report` looks, in light and dark, from a telephone to a wide screen. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #1d232a; --soft: #5d6670; --rule: #e0ddd5;
  --works: #17708f; --waits: #e3b04b; --sleeps: #d5d9dc; --open: #b3261e; --good: #1e7a46; --bad: #b3261e; --code: #f1efe9; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181c; --card: #1c2227; --ink: #e6e9ec; --soft: #9aa5af; --rule: #323a42;
  --works: #4fb3d4; --waits: #b98722; --sleeps: #3a434b; --open: #ff8a80; --good: #6fcf97; --bad: #ff8a80; --code: #262d34; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2.6rem 0 0.8rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--rule); font-size: 1.3rem; }
h3 { margin: 0; font-size: 1.05rem; line-height: 1.35; }
h3 code { display: inline-block; font-weight: normal; }
h4 { margin: 1rem 0 0.3rem; font-size: 0.85rem; font-weight: 600; }
p { margin: 0.4rem 0; }
code { padding: 0.1em 0.35em; border-radius: 4px; background: var(--code); font: 0.86em/1.4 ui-monospace, 'DejaVu Sans Mono', monospace;
  overflow-wrap: anywhere; }
a { color: inherit; }
.soft, .number { color: var(--soft); }
.soft { font-size: 0.9rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
nav ol { display: flex; flex-wrap: wrap; gap: 0.4rem 1.2rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.key { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: 0.85rem; color: var(--soft); }
.key svg { width: 1.6rem; height: 0.75rem; margin-right: 0.4rem; vertical-align: -0.05rem; }
.cards { display: grid; gap: 1rem; }
.card { min-width: 0; padding: 1rem 1.1rem 1.1rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
.card.failed { border-color: var(--bad); }
.runs { display: grid; gap: 0 1.6rem; }
.runs > section { min-width: 0; }
.verdict { margin-top: 0.7rem; padding-left: 0.7rem; border-left: 3px solid var(--good); font-weight: 500; }
.failed .verdict, .verdict.bad { border-color: var(--bad); color: inherit; }
.chart { margin: 0.7rem 0 0.2rem; }
.lane { display: grid; grid-template-columns: minmax(4.5rem, 8rem) 1fr; gap: 0.6rem; align-items: center; min-height: 1.15rem; }
.lane > span { overflow: hidden; font-size: 0.75rem; line-height: 1.15rem; white-space: nowrap; text-overflow: ellipsis; color: var(--soft); text-align: right; }
.lane svg { display: block; width: 100%; height: 0.8rem; }
.axis > span:last-child { display: flex; justify-content: space-between; border-top: 1px solid var(--rule); }
.track { fill: var(--code); }
.works { fill: var(--works); }
.waits { fill: var(--waits); }
.sleeps { fill: var(--sleeps); }
.open { fill: var(--open); }
table { border-collapse: collapse; margin-top: 0.6rem; font-size: 0.85rem; }
td, th { padding: 0.15rem 0.9rem 0.15rem 0; text-align: left; font-weight: normal; vertical-align: top; overflow-wrap: break-word; }
td + th { min-width: 6rem; }
thead th { color: var(--soft); }
.scroll { overflow-x: auto; }
details { margin-top: 0.5rem; font-size: 0.85rem; }
summary { cursor: pointer; color: var(--soft); }
pre { margin: 0.4rem 0 0; overflow-x: auto; font: 0.78rem/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; }
@media (min-width: 60rem) { .runs.two, .cards.side { grid-template-columns: 1fr 1fr; }
  .cards:not(.side) .runs.one > section > .run { display: grid; grid-template-columns: 3fr 2fr; gap: 0 2rem; } }
@media (max-width: 30rem) { .lane { grid-template-columns: 4.5rem 1fr; } }
@media print { .card { break-inside: avoid; } }
`;
