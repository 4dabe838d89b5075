// Writes .br and .gz siblings of everything in dist worth it, and a stamp that
// tells cargo the folder is new even where file times were kept.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const worthIt = /\.(html|js|css|svg|json|txt|wasm|tflite)$/;
const hash = createHash("sha256");
// Eleven megabytes take half a minute: what was compressed once is kept, by its content.
const LARGE = 1 << 20;
const kept = new URL("../node_modules/.cache/conf-brotli", import.meta.url).pathname;
mkdirSync(kept, { recursive: true });

for (const name of readdirSync(dist, { recursive: true }).map(String).sort()) {
  const path = join(dist, name);
  if (!statSync(path).isFile() || /\.(br|gz)$/.test(name) || name === ".stamp") continue;
  const bytes = readFileSync(path);
  hash.update(name).update(bytes);
  if (!worthIt.test(name) || bytes.length < 1024) continue;
  const br = bytes.length < LARGE ? brotli(bytes) : keptBrotli(bytes);
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gz);
  console.log(`${name}  ${bytes.length} B, gz ${gz.length}, br ${br.length}`);
}
writeFileSync(join(dist, ".stamp"), `${new Date().toISOString()} ${hash.digest("hex")}\n`);

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

function keptBrotli(bytes) {
  const file = join(kept, createHash("sha256").update(bytes).digest("hex"));
  if (!existsSync(file)) writeFileSync(file, brotli(bytes));
  return readFileSync(file);
}
