/** The pages, in the order of the navigation; `key` follows `g` on the keyboard. */
export const places = [
  { name: 'Market', path: '/market', key: 'm' },
  { name: 'Buy', path: '/buy', key: 'b' },
  { name: 'Provide', path: '/provide', key: 'p' },
  { name: 'Money', path: '/money', key: 'y' },
  { name: 'Operate', path: '/operate', key: 'o' },
] as const;
