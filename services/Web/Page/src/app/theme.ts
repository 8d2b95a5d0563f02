import { createTheme, type MantineColorsTuple } from '@mantine/core';

const steel: MantineColorsTuple = [
  '#eaf2fd', '#d3e3f8', '#a6c6f0', '#78a9e8', '#558fdf', '#3a7ad3', '#2565bd', '#1f5fbf', '#184a95', '#12386f',
];
const gray: MantineColorsTuple = [
  '#f6f7f9', '#eef0f3', '#dfe3e8', '#cdd4db', '#b3bdc7', '#8794a1', '#566472', '#414d59', '#2b353f', '#16202b',
];
const dark: MantineColorsTuple = [
  '#dbe3ea', '#b8c3cd', '#93a1ae', '#63717f', '#2a3540', '#202a34', '#17202a', '#0d1218', '#0a0e13', '#070a0e',
];

/** Dense and quiet: small controls, tight corners, the machine's own fonts, figures of one width. */
export const theme = createTheme({
  primaryColor: 'steel',
  primaryShade: { light: 7, dark: 6 },
  colors: { steel, gray, dark },
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
        // The page has one banner, and it is not the dialog's title.
        styles: { title: { fontWeight: 600, fontSize: 15 } },
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
});
