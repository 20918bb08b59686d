import { lazy, type ComponentType } from 'react';

/**
 * A page whose script is fetched when it is first shown, or before. One that is there
 * is shown at once: React holds back what it has waited for by a third of a second.
 */
export function page<P extends object>(load: () => Promise<{ default: ComponentType<P> }>) {
  let there: ComponentType<P> | null = null;
  const Later = lazy(load) as unknown as ComponentType<P>;
  const Page = (props: P) => {
    const Now = there ?? Later;
    return <Now {...props} />;
  };
  return Object.assign(Page, {
    preload: async () => {
      there = (await load()).default;
    },
  });
}
