// Copies what the site vendors out of node_modules: `npm ci && npm run vendor`. Readers never run this.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;

// KaTeX: the script renders at build time and stays beside the Python; the page gets style sheet and fonts.
const katex = "node_modules/katex";
const script = "deepbook/site/vendor/katex";
const style = "chapters/assets/vendor/katex";
for (const folder of [script, style]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(`${katex}/LICENSE`, `${folder}/LICENSE`);
  writeFileSync(`${folder}/VERSION`, `katex ${version("katex")}\n`);
}
cpSync(`${katex}/dist/katex.min.js`, `${script}/katex.min.js`);
const css = readFileSync(`${katex}/dist/katex.min.css`, "utf8");
const woff2 = css.replace(/,url\([^)]*\.(woff|ttf)\) format\("(woff|truetype)"\)/g, "");
writeFileSync(`${style}/katex.min.css`, woff2);
for (const font of readdirSync(`${katex}/dist/fonts`).filter((name) => name.endsWith(".woff2"))) {
  cpSync(`${katex}/dist/fonts/${font}`, `${style}/fonts/${font}`);
}

// The shim that lets Material's search worker start from file://.
const shim = "chapters/assets/vendor/iframe-worker";
mkdirSync(shim, { recursive: true });
cpSync("node_modules/iframe-worker/shim/index.js", `${shim}/shim.js`);
cpSync("node_modules/iframe-worker/LICENSE", `${shim}/LICENSE`);
writeFileSync(`${shim}/VERSION`, `iframe-worker ${version("iframe-worker")}\n`);
