import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';

const lines = {
  light: ['#1f5fbf', '#b8530f', '#0a7566', '#8436b0', '#a3155f', '#746200', '#0d7f9f', '#4b5b6b'],
  dark: ['#79aefc', '#e8935a', '#46bfab', '#c891ea', '#f07fb4', '#d3bd4c', '#5fc3de', '#9fb0c0'],
};

/** The colours of charts, as the page has them now. */
export function useInk() {
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const dark = scheme === 'dark';
    return {
      scheme,
      text: dark ? '#93a1ae' : '#536170',
      line: dark ? '#26303b' : '#dfe3e8',
      faint: dark ? '#1d2630' : '#eceff2',
      panel: dark ? '#131a22' : '#ffffff',
      ink: dark ? '#dbe3ea' : '#16202b',
      bid: dark ? '#46bfab' : '#0a7566',
      offer: dark ? '#e8935a' : '#ad4d14',
      accent: dark ? '#79aefc' : '#1f5fbf',
      bad: dark ? '#f58a80' : '#b42318',
      lines: lines[scheme],
      font: token('--mantine-font-family') || 'sans-serif',
    };
  }, [scheme]);
}

export type Ink = ReturnType<typeof useInk>;
