import { Group, Select, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAnswer } from '../api';
import { useCatalog } from '../catalog';
import { graphql } from '../gql';
import type { Domain, MappingDiffPageQuery } from '../gql/graphql';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { CapabilityLink, Count, TechniqueLink } from '../parts/Things';
import { domains, useQuestion } from '../question';
import { count, domainName, plural, words } from '../words';

const setsQuery = graphql(`
  query DiffSets {
    mappingSets {
      id
      domain
      frameworkVersion
      attackVersion
      framework {
        frameworkId
        name
      }
    }
  }
`);

const mappingDiffQuery = graphql(`
  query MappingDiffPage($from: ID!, $to: ID!) {
    mappingDiff(from: $from, to: $to) {
      attackVersion
      addedCount
      removedCount
      rescoredCount
      unalignedFrom
      unalignedTo
      added(first: 1000) {
        nodes {
          ...Entry
        }
      }
      removed(first: 1000) {
        nodes {
          ...Entry
        }
      }
      rescored(first: 1000) {
        nodes {
          ...Entry
        }
      }
      capabilitiesAdded {
        capabilityId
        name
        framework {
          frameworkId
        }
      }
      capabilitiesRemoved {
        capabilityId
        name
        framework {
          frameworkId
        }
      }
      capabilitiesRetitled {
        capability {
          capabilityId
          framework {
            frameworkId
          }
        }
        before
        after
      }
    }
  }

  fragment Entry on DiffEntry {
    capability {
      capabilityId
      name
      framework {
        frameworkId
      }
    }
    attackId
    technique {
      name
    }
    category
    before
    after
  }
`);

const attackDiffQuery = graphql(`
  query AttackDiffPage($domain: Domain, $from: String!, $to: String!) {
    attackDiff(domain: $domain, from: $from, to: $to) {
      added {
        attackId
        name
      }
      revoked {
        technique {
          attackId
          name
        }
        successor {
          attackId
          name
        }
      }
      deprecated {
        attackId
        name
      }
      removed {
        attackId
        name
      }
      renamed {
        technique {
          attackId
        }
        before
        after
      }
      tacticsChanged {
        technique {
          attackId
          name
        }
        before
        after
      }
      reparented {
        technique {
          attackId
          name
        }
        before
        after
      }
    }
  }
`);

export default function Diff() {
  const { params, set } = useQuestion();
  const what = params.get('what') === 'attack' ? 'attack' : 'sets';
  const [from, to] = [params.get('from'), params.get('to')].map((id) => id?.replace('set:', ''));
  const title = from && to ? `What changed from ${from} to ${to}` : 'What changed';
  return (
    <div className="page">
      <Heading title={title}>What changed</Heading>
      <Tabs value={what} onChange={(v) => set({ what: v === 'attack' ? 'attack' : null, from: null, to: null })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="sets">Mapping sets</Tabs.Tab>
          <Tabs.Tab value="attack">ATT&amp;CK releases</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sets">
          <Sets />
        </Tabs.Panel>
        <Tabs.Panel value="attack">
          <Releases />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Sets() {
  const { params, set } = useQuestion();
  const sets = useAnswer(setsQuery, {});
  return (
    <Answered query={sets}>
      {({ mappingSets }) => {
        // The newest edition of a framework that has an older one, unless the address says more.
        const pairs = mappingSets.flatMap((to, i) => {
          const from = mappingSets
            .slice(0, i)
            .reverse()
            .find((s) => s.domain === to.domain && s.framework.frameworkId === to.framework.frameworkId);
          return from ? [{ from, to }] : [];
        });
        const usual = pairs.find((p) => p.to.framework.frameworkId === 'aws') ?? pairs[0];
        const from = params.get('from') ?? usual?.from.id ?? mappingSets[0]?.id ?? '';
        const first = mappingSets.find((s) => s.id === from);
        const like = mappingSets.filter((s) => s.framework.frameworkId === first?.framework.frameworkId && s.domain === first.domain);
        const to = params.get('to') ?? usual?.to.id ?? like.at(-1)?.id ?? '';
        const label = (s: (typeof mappingSets)[number]) => ({
          value: s.id,
          label: `${s.framework.name} ${s.frameworkVersion}, ATT&CK ${s.attackVersion}${s.domain === 'ENTERPRISE' ? '' : `, ${domainName(s.domain)}`}`,
        });
        return (
          <>
            <Group gap="sm" mb="md">
              <Select
                size="xs"
                label="From"
                w={330}
                searchable
                allowDeselect={false}
                data={mappingSets.map(label)}
                value={from}
                onChange={(v) =>
                  set({
                    from: v,
                    to: mappingSets.find((s) => s.id === v)?.framework.frameworkId === first?.framework.frameworkId ? params.get('to') : v,
                  })
                }
              />
              <Select
                size="xs"
                label="To"
                w={330}
                allowDeselect={false}
                data={like.map(label)}
                value={to}
                onChange={(v) => set({ from, to: v })}
              />
            </Group>
            {pairs.length === 0 && (
              <Nothing>
                The facts edition has only the newest set of each framework, so there is nothing older to compare with. With the published
                corpus there is: mapgraph fetch gets it.
              </Nothing>
            )}
            {from && to && <SetDiff from={from} to={to} />}
          </>
        );
      }}
    </Answered>
  );
}

type MappingDiff = MappingDiffPageQuery['mappingDiff'];

function SetDiff({ from, to }: { from: string; to: string }) {
  const query = useAnswer(mappingDiffQuery, { from, to });
  return (
    <Answered query={query}>
      {({ mappingDiff: d }) => (
        <>
          <p className="lead">
            In ATT&amp;CK {d.attackVersion}: <strong data-testid="added">{count(d.addedCount)}</strong> mappings added,{' '}
            <strong>{count(d.removedCount)}</strong> removed, <strong>{count(d.rescoredCount)}</strong> rescored.{' '}
            {d.unalignedFrom + d.unalignedTo > 0 &&
              `${plural(d.unalignedFrom + d.unalignedTo, 'mapping')} without a place in it are left out.`}
          </p>
          <Capabilities diff={d} />
          <Entries title="Added" total={d.addedCount} list={d.added.nodes} />
          <Entries title="Removed" total={d.removedCount} list={d.removed.nodes} />
          <Entries title="Rescored" total={d.rescoredCount} list={d.rescored.nodes} />
        </>
      )}
    </Answered>
  );
}

function Capabilities({ diff: d }: { diff: MappingDiff }) {
  const part = (title: string, list: MappingDiff['capabilitiesAdded']) =>
    list.length > 0 && (
      <details>
        <summary>
          {title} <Count>{list.length}</Count>
        </summary>
        {list.map((c) => (
          <div key={c.capabilityId}>
            <CapabilityLink framework={c.framework.frameworkId} id={c.capabilityId} name={c.name ?? null} />
          </div>
        ))}
      </details>
    );
  return (
    <>
      {part('Capabilities added', d.capabilitiesAdded)}
      {part('Capabilities removed', d.capabilitiesRemoved)}
      {d.capabilitiesRetitled.length > 0 && (
        <details>
          <summary>
            Capabilities retitled <Count>{d.capabilitiesRetitled.length}</Count>
          </summary>
          {d.capabilitiesRetitled.map((c) => (
            <div key={c.capability.capabilityId}>
              <CapabilityLink framework={c.capability.framework.frameworkId} id={c.capability.capabilityId} />{' '}
              <del className="soft">{c.before}</del> → {c.after}
            </div>
          ))}
        </details>
      )}
    </>
  );
}

function Entries({ title, total, list }: { title: string; total: number; list: MappingDiff['added']['nodes'] }) {
  if (total === 0) return null;
  return (
    <section aria-label={title}>
      <h2>
        {title} <Count>{count(total)}</Count>
      </h2>
      {list.length < total && <p className="soft">The first {count(list.length)} are shown; the API and the command line have all.</p>}
      <DataTable
        label={title}
        height={480}
        rows={list}
        keyOf={(_, i) => i}
        columns={[
          {
            title: 'capability',
            cell: (e) => (
              <CapabilityLink
                framework={e.capability.framework.frameworkId}
                id={e.capability.capabilityId}
                name={e.capability.name ?? null}
              />
            ),
          },
          { title: 'technique', cell: (e) => <TechniqueLink id={e.attackId} name={e.technique?.name ?? null} /> },
          { title: 'category', cell: (e) => words(e.category) },
          { title: 'before', cell: (e) => e.before.map(words).join(', ') },
          { title: 'after', cell: (e) => e.after.map(words).join(', ') },
        ]}
      />
    </section>
  );
}

function Releases() {
  const { question, params, set } = useQuestion();
  const { data: catalog } = useCatalog();
  const domain: Domain = question.view.domain ?? 'ENTERPRISE';
  const versions = (catalog?.dataset.releases ?? []).filter((r) => r.domain === domain).map((r) => r.version);
  const to = params.get('to') ?? versions.at(-1) ?? '';
  const from = params.get('from') ?? versions[versions.indexOf(to) - 1] ?? versions[0] ?? '';
  const query = useAnswer(attackDiffQuery, { domain, from, to }, { enabled: from !== '' && to !== '' });
  return (
    <>
      <Group gap="sm" mb="md">
        <Select
          size="xs"
          label="Domain"
          w={140}
          allowDeselect={false}
          data={domains.map((d) => ({ value: d, label: domainName(d) }))}
          value={domain}
          onChange={(v) => set({ d: v === 'ENTERPRISE' ? null : v, from: null, to: null })}
        />
        <Select size="xs" label="From" w={120} allowDeselect={false} data={versions} value={from} onChange={(v) => set({ from: v, to })} />
        <Select size="xs" label="To" w={120} allowDeselect={false} data={versions} value={to} onChange={(v) => set({ from, to: v })} />
      </Group>
      {from && to && (
        <Answered query={query}>
          {({ attackDiff: d }) => {
            const empty =
              !d.added.length &&
              !d.revoked.length &&
              !d.deprecated.length &&
              !d.removed.length &&
              !d.renamed.length &&
              !d.tacticsChanged.length &&
              !d.reparented.length;
            if (empty) return <Nothing>Nothing changed among the techniques.</Nothing>;
            return (
              <div className="columns">
                <Part title="Added" rows={d.added.map((t) => [<TechniqueLink key="t" id={t.attackId} name={t.name} />])} />
                <Part
                  title="Revoked"
                  rows={d.revoked.map((r) => [
                    <TechniqueLink key="t" id={r.technique.attackId} name={r.technique.name} />,
                    <>
                      {' → '}
                      {r.successor ? <TechniqueLink id={r.successor.attackId} name={r.successor.name} /> : 'no successor'}
                    </>,
                  ])}
                />
                <Part title="Deprecated" rows={d.deprecated.map((t) => [<TechniqueLink key="t" id={t.attackId} name={t.name} />])} />
                <Part title="No longer there" rows={d.removed.map((t) => [<TechniqueLink key="t" id={t.attackId} name={t.name} />])} />
                <Part
                  title="Renamed"
                  rows={d.renamed.map((r) => [
                    <TechniqueLink key="t" id={r.technique.attackId} />,
                    <>
                      {' '}
                      <del className="soft">{r.before}</del> → {r.after}
                    </>,
                  ])}
                />
                <Part
                  title="Moved between tactics"
                  rows={d.tacticsChanged.map((m) => [
                    <TechniqueLink key="t" id={m.technique.attackId} name={m.technique.name} />,
                    <span key="c" className="soft">
                      : {m.before.join(', ')} → {m.after.join(', ')}
                    </span>,
                  ])}
                />
                <Part
                  title="Of another parent"
                  rows={d.reparented.map((m) => [
                    <TechniqueLink key="t" id={m.technique.attackId} name={m.technique.name} />,
                    <span key="c" className="soft">
                      : {m.before.join(', ') || 'none'} → {m.after.join(', ') || 'none'}
                    </span>,
                  ])}
                />
              </div>
            );
          }}
        </Answered>
      )}
    </>
  );
}

function Part({ title, rows }: { title: string; rows: ReactNode[][] }) {
  if (rows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>
        {title} <Count>{rows.length}</Count>
      </h2>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {rows.map((r, i) => (
          <li key={i}>
            {r.map((c, j) => (
              <span key={j}>{c}</span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
