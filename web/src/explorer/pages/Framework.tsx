import { Anchor, Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useAnswer } from '../api';
import { graphql } from '../gql';
import { DataTable } from '../parts/DataTable';
import { Answered, Nothing } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { Missing } from '../parts/Missing';
import { QuestionBar } from '../parts/QuestionBar';
import { ShareBar, ShareKey } from '../parts/Shares';
import { CapabilityLink, Count } from '../parts/Things';
import { behind, carried, useQuestion, viewOnly } from '../question';
import { count, domainName, kindNames, percent } from '../words';

const frameworkQuery = graphql(`
  query FrameworkPage($id: ID!, $view: ViewInput, $filter: MappingFilter, $scope: ScopeInput, $after: String) {
    framework(id: $id) {
      frameworkId
      name
      kind
      setFor(view: $view) {
        id
        frameworkVersion
        attackVersion
        capabilityCount
        mappingCount
      }
      sets {
        id
        frameworkVersion
        attackVersion
        domain
        capabilityCount
        mappingCount
        techniqueCount
        updated
      }
      groups(view: $view) {
        id
        name
        capabilityCount
      }
      capabilities(view: $view, first: 1000, after: $after) {
        totalCount
        pageInfo {
          endCursor
          hasNextPage
        }
        nodes {
          capabilityId
          canonicalId
          name
          capabilityGroup {
            id
            name
          }
          baselines
          mappings(view: $view, filter: $filter, first: 1) {
            totalCount
          }
        }
      }
    }
    coverage(frameworks: [$id], view: $view, filter: $filter, scope: $scope) {
      ...Tally
    }
  }
`);

export default function Framework() {
  const { id = '' } = useParams();
  const { question, params, set } = useQuestion();
  const keep = carried(params, viewOnly);
  const [after, setAfter] = useState<string | null>(null);
  const [find, setFind] = useState(params.get('find') ?? '');
  const query = useAnswer(frameworkQuery, { id, view: question.view, filter: question.filter, scope: question.scope, after });
  return (
    <div className="page">
      <Answered query={query} title={id}>
        {({ framework: f, coverage }) =>
          !f ? (
            <Missing title={id}>No framework {id} is loaded.</Missing>
          ) : (
            <>
              <p className="soft" style={{ margin: 0 }}>
                {kindNames[f.kind]}
              </p>
              <Heading>{f.name}</Heading>
              <QuestionBar frameworks={false} stack={false} rollUp={false} />
              {f.setFor ? (
                <>
                  <p>
                    In this view the mapping set <strong>{f.setFor.id.replace('set:', '')}</strong> speaks, written for ATT&amp;CK{' '}
                    {f.setFor.attackVersion}: {count(f.setFor.capabilityCount)} capabilities, {count(f.setFor.mappingCount)} mappings.
                  </p>
                  <p>
                    <strong data-testid="headline">
                      {count(coverage.mapped)} of {count(coverage.total)} techniques mapped ({percent(coverage.ratio)})
                    </strong>
                  </p>
                  <ShareBar tally={coverage} tall />
                  <div style={{ marginTop: 6 }}>
                    <ShareKey tally={coverage} />
                  </div>
                  <Group gap="xs" mt="sm">
                    <Button size="xs" component={Link} to={behind(`/matrix?f=${f.frameworkId}`, keep)}>
                      Matrix
                    </Button>
                    <Button size="xs" variant="default" component={Link} to={behind(`/gaps?f=${f.frameworkId}`, keep)}>
                      Gaps
                    </Button>
                    <Button
                      size="xs"
                      variant="default"
                      component={Link}
                      to={behind(`/crosswalk?from=${f.frameworkId}&to=${f.frameworkId === 'nist_800_53' ? 'aws' : 'nist_800_53'}`, keep)}
                    >
                      Crosswalk
                    </Button>
                    <Button size="xs" variant="default" component={Link} to={behind(`/graph?node=framework:${f.frameworkId}`, keep)}>
                      Graph
                    </Button>
                  </Group>
                </>
              ) : (
                <Nothing>{f.name} has no mapping set in this domain. Choose another domain above.</Nothing>
              )}
              <h2>
                Capabilities <Count>{f.capabilities.totalCount}</Count>
              </h2>
              <TextInput
                size="xs"
                maw={320}
                mb="xs"
                placeholder="Filter by id, name or group"
                aria-label="Filter capabilities"
                value={find}
                onChange={(e) => {
                  setFind(e.currentTarget.value);
                  set({ find: e.currentTarget.value }, { replace: true });
                }}
              />
              <DataTable
                label="Capabilities"
                rows={f.capabilities.nodes.filter((c) =>
                  `${c.capabilityId} ${c.name ?? ''} ${c.capabilityGroup?.name ?? ''}`.toLowerCase().includes(find.toLowerCase()),
                )}
                keyOf={(c) => c.canonicalId}
                columns={[
                  {
                    title: 'capability',
                    by: (c) => c.capabilityId,
                    cell: (c) => <CapabilityLink framework={f.frameworkId} id={c.capabilityId} name={c.name ?? null} />,
                  },
                  { title: 'group', as: 'soft', by: (c) => c.capabilityGroup?.name, cell: (c) => c.capabilityGroup?.name },
                  f.capabilities.nodes.some((c) => c.baselines.length > 0) && {
                    title: 'baselines',
                    as: 'soft',
                    cell: (c) => c.baselines.join(', '),
                  },
                  { title: 'mappings', as: 'number', by: (c) => c.mappings.totalCount, cell: (c) => count(c.mappings.totalCount) },
                ]}
              />
              {(f.capabilities.pageInfo.hasNextPage || after) && (
                <Group gap="xs" mt="xs">
                  {after && (
                    <Button size="xs" variant="default" onClick={() => setAfter(null)}>
                      First page
                    </Button>
                  )}
                  {f.capabilities.pageInfo.hasNextPage && (
                    <Button size="xs" variant="default" onClick={() => setAfter(f.capabilities.pageInfo.endCursor ?? null)}>
                      Next 1,000
                    </Button>
                  )}
                </Group>
              )}
              <h2>
                Mapping sets <Count>{f.sets.length}</Count>
              </h2>
              <DataTable
                label="Mapping sets"
                rows={f.sets.map((s, i) => ({ ...s, before: f.sets.slice(0, i).findLast((x) => x.domain === s.domain) }))}
                keyOf={(s) => s.id}
                columns={[
                  { title: 'version', cell: (s) => s.frameworkVersion },
                  { title: 'ATT&CK', cell: (s) => s.attackVersion },
                  { title: 'domain', cell: (s) => domainName(s.domain) },
                  { title: 'capabilities', as: 'number', cell: (s) => count(s.capabilityCount) },
                  { title: 'mappings', as: 'number', cell: (s) => count(s.mappingCount) },
                  { title: 'techniques', as: 'number', cell: (s) => count(s.techniqueCount) },
                  { title: 'updated', as: 'soft', cell: (s) => s.updated },
                  {
                    title: 'since the one before',
                    cell: (s) =>
                      s.before && (
                        <Anchor
                          component={Link}
                          size="sm"
                          to={`/diff?from=${encodeURIComponent(s.before.id)}&to=${encodeURIComponent(s.id)}`}
                        >
                          what changed
                        </Anchor>
                      ),
                  },
                ]}
              />
            </>
          )
        }
      </Answered>
    </div>
  );
}
