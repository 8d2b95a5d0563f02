/** The bytes that base64 stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The SHA-256 of some bytes one after another, in hexadecimal; null where the browser has none to offer (a page over plain HTTP from another machine). */
export async function sha256(parts: Uint8Array<ArrayBuffer>[]): Promise<string | null> {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- absent outside of secure contexts
  if (!globalThis.crypto?.subtle) return null;
  const hash = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Gives bytes to the reader as a file. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer>, type = 'application/json'): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
