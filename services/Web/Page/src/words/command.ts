/** A command line as words; or what is wrong with it. */
export type Split = { words: string[]; complaint: string };

/** Splits a command line as a shell would: blanks part words, quotes and backslashes keep them together. Nothing is expanded. */
export function splitCommand(text: string): Split {
  const words: string[] = [];
  let word = '';
  let begun = false;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (quote) {
      if (letter === quote) quote = '';
      else if (letter === '\\' && quote === '"' && (text[at + 1] === '"' || text[at + 1] === '\\')) word += text.charAt(++at);
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      begun = true;
    } else if (letter === '\\' && at + 1 < text.length) {
      word += text.charAt(++at);
      begun = true;
    } else if (/\s/.test(letter)) {
      if (begun) words.push(word);
      word = '';
      begun = false;
    } else {
      word += letter;
      begun = true;
    }
  }
  if (quote) return { words: [], complaint: `A quote ${quote} is not closed.` };
  if (begun) words.push(word);
  return { words, complaint: '' };
}

/** Words as a command line that splits into them again. */
export const joinCommand = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
