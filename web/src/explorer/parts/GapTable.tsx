import { graphql } from '../gql';
import type { GapRowFragment } from '../gql/graphql';
import { DataTable } from './DataTable';
import { Nothing } from './Faces';
import { State, TechniqueLink } from './Things';

graphql(`
  fragment GapRow on Gap {
    technique {
      attackId
      name
      tactics {
        name
      }
    }
    state
    reason
    weights {
      groups
      software
      kev
      topTechniques
    }
  }
`);

export type Gap = GapRowFragment & { comment?: string | null };

/** Techniques that nothing maps, with how much attackers use them. */
export function GapTable({ list }: { list: readonly Gap[] }) {
  if (list.length === 0) return <Nothing>Nothing: everything here is mapped. That does not mean that it is prevented.</Nothing>;
  const most = Math.max(1, ...list.map((g) => g.weights.groups));
  return (
    <DataTable
      label="Techniques that are not mapped"
      rows={list}
      keyOf={(g) => g.technique.attackId}
      columns={[
        {
          title: 'technique',
          by: (g) => g.technique.attackId,
          cell: (g) => <TechniqueLink id={g.technique.attackId} name={g.technique.name} />,
        },
        { title: 'tactics', as: 'soft', cell: (g) => g.technique.tactics.map((t) => t.name).join(', ') },
        {
          title: 'state',
          by: (g) => g.state,
          cell: (g) => (
            <>
              <State state={g.state} reason={g.reason ?? null} />
              {g.comment && <div className="soft">{g.comment}</div>}
            </>
          ),
        },
        {
          title: 'groups',
          as: 'number',
          by: (g) => g.weights.groups,
          cell: (g) => (
            <span className="heat" style={{ backgroundSize: `${(100 * g.weights.groups) / most}% 100%` }}>
              {g.weights.groups}
            </span>
          ),
        },
        { title: 'software', as: 'number', by: (g) => g.weights.software, cell: (g) => g.weights.software },
        { title: 'CVEs', as: 'number', by: (g) => g.weights.kev, cell: (g) => g.weights.kev },
        { title: 'top', as: 'number', by: (g) => g.weights.topTechniques, cell: (g) => g.weights.topTechniques?.toFixed(2) },
      ]}
    />
  );
}
