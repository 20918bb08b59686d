import { Group, Select } from '@mantine/core';
import { useAnswer } from '../api';
import { optionsOf, useCapabilityChoices, useFrameworkOptions } from '../catalog';
import { graphql } from '../gql';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { QuestionBar } from '../parts/QuestionBar';
import { CapabilityLink, Count, Score, TechniqueLink } from '../parts/Things';
import { useQuestion } from '../question';
import type { ViewInput } from '../gql/graphql';

const compareQuery = graphql(`
  query ComparePage($a: CapabilityRef!, $b: CapabilityRef!, $view: ViewInput, $filter: MappingFilter) {
    compareCapabilities(a: $a, b: $b, view: $view, filter: $filter) {
      a {
        capabilityId
        name
        framework {
          frameworkId
          name
        }
      }
      b {
        capabilityId
        name
        framework {
          frameworkId
          name
        }
      }
      pair {
        shared
        jaccard
        weighted
        fromContained
        toContained
      }
      both {
        technique {
          attackId
          name
        }
        scores {
          category
          a
          b
          difference
        }
      }
      onlyA {
        attackId
        name
      }
      onlyB {
        attackId
        name
      }
    }
  }
`);

const refOf = (text: string | null) => {
  const at = text?.indexOf('/') ?? -1;
  return text && at > 0 ? { framework: text.slice(0, at), capabilityId: text.slice(at + 1) } : null;
};

export default function Compare() {
  const { question, params, set } = useQuestion();
  const a = refOf(params.get('a'));
  const b = refOf(params.get('b'));
  const query = useAnswer(
    compareQuery,
    { a: a ?? blank, b: b ?? blank, view: question.view, filter: question.filter },
    { enabled: a !== null && b !== null },
  );
  return (
    <div className="page">
      <Heading title={a?.capabilityId && b?.capabilityId ? `Compare ${a.capabilityId} and ${b.capabilityId}` : 'Compare two capabilities'}>
        Compare two capabilities
      </Heading>
      <QuestionBar frameworks={false} stack={false} rollUp={false} />
      <div className="columns" style={{ gap: '0.75rem', marginBottom: '1rem' }}>
        <Choice label="First" value={a} view={question.view} onChange={(v) => set({ a: v })} />
        <Choice label="Second" value={b} view={question.view} onChange={(v) => set({ b: v })} />
      </div>
      {(!a?.capabilityId || !b?.capabilityId) && <Nothing>Choose two capabilities.</Nothing>}
      {a?.capabilityId && b?.capabilityId && (
        <Answered query={query}>
          {({ compareCapabilities: c }) => (
            <>
              <p className="lead">
                <strong data-testid="both">{c.both.length}</strong> techniques in common
                {c.pair && ` (weighted ${c.pair.weighted.toFixed(3)}, Jaccard ${c.pair.jaccard.toFixed(3)})`}, {c.onlyA.length} only of the
                first, {c.onlyB.length} only of the second. That two capabilities map the same techniques does not make one stand for the
                other.
              </p>
              <h2>
                Both <Count>{c.both.length}</Count>
              </h2>
              {c.both.length === 0 ? (
                <Nothing>Nothing in common.</Nothing>
              ) : (
                <DataTable
                  label="Techniques of both"
                  rows={c.both}
                  keyOf={(t) => t.technique.attackId}
                  columns={[
                    { title: 'technique', cell: (t) => <TechniqueLink id={t.technique.attackId} name={t.technique.name} /> },
                    ...(['a', 'b'] as const).map((side) => ({
                      title: c[side].capabilityId,
                      cell: (t: (typeof c.both)[number]) =>
                        t.scores.map(
                          (s) =>
                            s[side] && (
                              <div key={s.category}>
                                <Score category={s.category} value={s[side]} />
                              </div>
                            ),
                        ),
                    })),
                    {
                      title: 'difference',
                      as: 'soft',
                      cell: (t) => t.scores.map((s) => (s.difference ? `${s.difference > 0 ? '+' : ''}${s.difference} ` : '')),
                    },
                  ]}
                />
              )}
              <div className="columns">
                <Only name={c.a} list={c.onlyA} />
                <Only name={c.b} list={c.onlyB} />
              </div>
            </>
          )}
        </Answered>
      )}
    </div>
  );
}

const blank = { framework: '', capabilityId: '' };

function Only({
  name,
  list,
}: {
  name: { capabilityId: string; name?: string | null; framework: { frameworkId: string } };
  list: readonly { attackId: string; name: string }[];
}) {
  return (
    <section>
      <h2>
        Only <CapabilityLink framework={name.framework.frameworkId} id={name.capabilityId} name={name.name ?? null} />{' '}
        <Count>{list.length}</Count>
      </h2>
      {list.map((t) => (
        <div key={t.attackId}>
          <TechniqueLink id={t.attackId} name={t.name} />
        </div>
      ))}
    </section>
  );
}

function Choice({
  label,
  value,
  view,
  onChange,
}: {
  label: string;
  value: ReturnType<typeof refOf>;
  view: ViewInput;
  onChange: (v: string) => void;
}) {
  const frameworks = useFrameworkOptions();
  const framework = value?.framework ?? 'aws';
  const { data } = useCapabilityChoices(framework, view);
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <Select
        size="xs"
        label={label}
        w={150}
        allowDeselect={false}
        data={frameworks}
        value={framework}
        onChange={(f) => onChange(`${f}/`)}
      />
      <Select
        size="xs"
        flex={1}
        searchable
        limit={80}
        aria-label={`${label} capability`}
        data={optionsOf(data)}
        value={value?.capabilityId ?? null}
        onChange={(c) => c && onChange(`${framework}/${c}`)}
      />
    </Group>
  );
}
