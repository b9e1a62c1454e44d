import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { AutoIcon, MoonIcon, SunIcon } from './icons.tsx';

/** Goes round what the system says, light and dark. */
export function ColourSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { label, next, Icon } = schemes[colorScheme];
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Colours: ${label}. Change to ${schemes[next].label}.`}
      title={`Colours: ${label}`}
      onClick={() => setColorScheme(next)}
    >
      <Icon />
    </ActionIcon>
  );
}

interface Scheme {
  readonly label: string;
  readonly next: MantineColorScheme;
  readonly Icon: () => React.JSX.Element;
}

const schemes: Record<MantineColorScheme, Scheme> = {
  auto: { label: 'as the system', next: 'light', Icon: AutoIcon },
  light: { label: 'light', next: 'dark', Icon: SunIcon },
  dark: { label: 'dark', next: 'auto', Icon: MoonIcon },
};
