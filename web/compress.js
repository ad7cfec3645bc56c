// Packs the built files with brotli, so that the server need not: `x.js.br` beside `x.js`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const dist = join(import.meta.dirname, 'dist');
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
for (const name of readdirSync(dist, { recursive: true })) {
  if (!/\.(js|css|html|json|svg|webmanifest)$/.test(name)) continue;
  const bytes = readFileSync(join(dist, name));
  const packed = brotliCompressSync(bytes, quality);
  if (packed.length < bytes.length) writeFileSync(join(dist, `${name}.br`), packed);
}
