import { createContext, useContext } from 'react';

/** The price step in force; a tenth of a cent before the settings have come. One question for all prices on the page. */
export const Tick = createContext(1_000);

export const useTick = (): number => useContext(Tick);
