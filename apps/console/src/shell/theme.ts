import { createTheme } from '@mantine/core';

/** What components have to know at run time. Colours and fonts are variables, in theme.css. */
export const theme = createTheme({
  primaryColor: 'brand',
  colors: {
    brand: [
      '#eefaf8',
      '#d6f2ee',
      '#a9e3dc',
      '#76d0c6',
      '#45b8ac',
      '#259a8f',
      '#157d75',
      '#0f6560',
      '#0c504c',
      '#083b38',
    ],
  },
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
});
