import type { ReactNode } from 'react';
import { Nothing } from './Faces';
import { Heading } from './Heading';
import { QuestionBar } from './QuestionBar';

/** A page whose thing is not there, perhaps only not in this release: another one can be chosen. */
export function Missing({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <Heading>{title}</Heading>
      <QuestionBar frameworks={false} stack={false} rollUp={false} />
      <Nothing>{children}</Nothing>
    </>
  );
}
