import { describe, expect, it } from 'vitest';
import { bytesOf, sha256 } from './bytes';

describe('bytes', () => {
  it('come out of base64 as they went in', () => {
    expect([...bytesOf('eyJhIjogIsO8In0K')]).toEqual([...new TextEncoder().encode('{"a": "ü"}\n')]);
    expect([...bytesOf('AP+A')]).toEqual([0, 255, 128]);
  });

  it('have the hash of both parts one after the other, as sha256sum prints it', async () => {
    expect(await sha256([bytesOf(btoa('a')), bytesOf(btoa('bc'))])).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
