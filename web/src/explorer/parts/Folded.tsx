import { Spoiler } from '@mantine/core';
import type { ReactNode } from 'react';

/** Long text of which the beginning shows, so many pixels of it, until more is asked for. Paper has it whole. */
export function Folded({ height, children }: { height: number; children: ReactNode }) {
  return (
    <Spoiler maxHeight={height} showLabel="Read on" hideLabel="Less" className="folded">
      {children}
    </Spoiler>
  );
}
