/** Photos made small enough for a village's network. */

/** Pixels of the longer side. */
const SIDE_MAX = 1400;
/** What the server takes at most, with room. */
const BYTES_MAX = 650_000;

/** The picture as a JPEG of at most 650 kB, as base64 and to be shown. */
export async function smaller(file: Blob): Promise<{ base64: string; url: string }> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of [0.8, 0.65, 0.5, 0.35]) {
    const url = canvas.toDataURL('image/jpeg', quality);
    const base64 = url.slice(url.indexOf(',') + 1);
    if (base64.length * 0.75 <= BYTES_MAX) return { base64, url };
  }
  throw new Error('too large');
}
