import { describe, expect, it } from 'vitest';
import { joinCommand, splitCommand } from './command';

describe('a command line', () => {
  it.each([
    ['python train.py --lr 0.1', ['python', 'train.py', '--lr', '0.1']],
    [`sh -c "echo 'a b' && sleep 5"`, ['sh', '-c', "echo 'a b' && sleep 5"]],
    [`printf '%s\\n' "a \\"b\\"" c\\ d ''`, ['printf', '%s\\n', 'a "b"', 'c d', '']],
    ['  \n ', []],
  ])('%s is split as a shell would', (text, words) => expect(splitCommand(text).words).toEqual(words));

  it('with an open quote is not read', () => {
    expect(splitCommand('echo "a')).toEqual({ words: [], complaint: 'A quote " is not closed.' });
  });

  it('is written so that it is read the same again', () => {
    const words = ['sh', '-c', "echo 'x' > /tmp/a b", '', '$HOME', 'plain'];
    expect(splitCommand(joinCommand(words)).words).toEqual(words);
  });
});
