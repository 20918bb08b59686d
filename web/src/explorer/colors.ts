// Colours of coverage. Blues grow darker with what is mapped (ColorBrewer's Blues,
// safe for colour-blind people); states without a mapping have no hue of it, and a
// pattern and a sign of their own.

/** Light to dark, with the ink that reads on each. */
export const blues = [
  { fill: '#deebf7', ink: '#10263b' },
  { fill: '#c6dbef', ink: '#10263b' },
  { fill: '#9ecae1', ink: '#10263b' },
  { fill: '#6baed6', ink: '#0a1c2e' },
  { fill: '#2171b5', ink: '#ffffff' },
  { fill: '#08519c', ink: '#ffffff' },
  { fill: '#08306b', ink: '#ffffff' },
] as const;

/** The least count of each blue. */
export const steps = [1, 2, 4, 8, 16, 32, 64] as const;

export function blueOf(n: number) {
  let at = 0;
  steps.forEach((least, i) => {
    if (n >= least) at = i;
  });
  return blues[at] ?? blues[0];
}

/** Orange marks how much attackers use a technique. */
export const threatColor = '#d9480f';
export const threatSteps = [1, 10, 30] as const;

/** 0 to 3. */
export const threatLevel = (n: number) => threatSteps.filter((least) => n >= least).length;

/** Colours of frameworks in pictures: Okabe and Ito's. */
export const hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f5fb0', '#8a6d3b', '#444444', '#b5b500'] as const;

export const hueOf = (i: number) => hues[i % hues.length] ?? hues[0];
