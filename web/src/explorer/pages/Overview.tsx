import { Button, Group } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useAnswer } from '../api';
import { graphql } from '../gql';
import { DataTable } from '../parts/DataTable';
import { Answered } from '../parts/Faces';
import { Heading } from '../parts/Heading';
import { ShareBar, ShareKey } from '../parts/Shares';
import { FrameworkLink } from '../parts/Things';
import { behind, carried, questionOf } from '../question';
import { count, kindNames, percent } from '../words';

const overviewQuery = graphql(`
  query Overview($view: ViewInput) {
    dataset {
      edition
      counts {
        frameworks
        sets
        capabilities
        mappings
        releases
      }
    }
    frameworks {
      frameworkId
      name
      kind
      setFor(view: $view) {
        id
        attackVersion
        capabilityCount
        mappingCount
      }
    }
    defence: coverage(view: $view) {
      total
      mapped
      ratio
      byFramework {
        ...FrameworkTally
      }
    }
    others: coverage(frameworks: ["kev", "veris"], view: $view) {
      byFramework {
        ...FrameworkTally
      }
    }
  }

  fragment FrameworkTally on FrameworkCoverage {
    framework {
      frameworkId
    }
    total
    mapped
    belowThreshold
    nonMappable
    unassessed
    ratio
  }
`);

export function Overview() {
  const [params] = useSearchParams();
  const { view } = questionOf(params);
  const keep = carried(params);
  const query = useAnswer(overviewQuery, { view });
  return (
    <div className="page">
      <Heading title="Overview">Which controls bear on what attackers do?</Heading>
      <p className="lead">
        Published mappings of security capabilities to MITRE ATT&amp;CK techniques, in one graph: what covers a technique, where clouds and
        frameworks overlap, and what nothing covers.
      </p>
      <Group gap="xs" mb="lg">
        <Button component={Link} to={`/matrix${keep}`}>
          See the matrix
        </Button>
        <Button component={Link} to={`/gaps${keep}`} variant="default">
          Find gaps
        </Button>
        <Button component={Link} to={behind('/overlap?f=aws,azure,gcp', keep)} variant="default">
          Compare clouds
        </Button>
        <Button component={Link} to={behind('/crosswalk?from=nist_800_53&to=aws', keep)} variant="default">
          Crosswalk NIST to AWS
        </Button>
      </Group>
      <Answered query={query}>
        {(data) => {
          const shares = new Map([...data.defence.byFramework, ...data.others.byFramework].map((f) => [f.framework.frameworkId, f]));
          return (
            <>
              <div className="tiles">
                <Tile n={data.defence.total} what="techniques in this release" />
                <Tile n={data.defence.mapped} what={`mapped by any defence (${percent(data.defence.ratio)})`} />
                <Tile n={data.dataset.counts.capabilities} what="capabilities" />
                <Tile n={data.dataset.counts.mappings} what="mappings" />
                <Tile n={data.dataset.counts.sets} what={`mapping sets of ${data.dataset.counts.frameworks} frameworks`} />
              </div>
              <h2>Coverage by framework</h2>
              <ShareKey />
              <DataTable
                label="Coverage by framework"
                rows={data.frameworks}
                keyOf={(f) => f.frameworkId}
                columns={[
                  { title: 'framework', by: (f) => f.name, cell: (f) => <FrameworkLink id={f.frameworkId} name={f.name} /> },
                  { title: 'kind', as: 'soft', by: (f) => kindNames[f.kind], cell: (f) => kindNames[f.kind] },
                  {
                    title: 'capabilities',
                    as: 'number',
                    by: (f) => f.setFor?.capabilityCount,
                    cell: (f) => f.setFor && count(f.setFor.capabilityCount),
                  },
                  {
                    title: 'mappings',
                    as: 'number',
                    by: (f) => f.setFor?.mappingCount,
                    cell: (f) => f.setFor && count(f.setFor.mappingCount),
                  },
                  {
                    title: 'mapped',
                    as: 'number',
                    by: (f) => shares.get(f.frameworkId)?.mapped,
                    cell: (f) => shares.get(f.frameworkId)?.mapped,
                  },
                  {
                    title: 'share',
                    as: 'number',
                    by: (f) => shares.get(f.frameworkId)?.ratio,
                    cell: (f) => percent(shares.get(f.frameworkId)?.ratio ?? 0),
                  },
                  {
                    title: 'techniques',
                    cell: (f) => {
                      const share = shares.get(f.frameworkId);
                      return f.setFor && share ? <ShareBar tally={share} /> : <span className="soft">no mapping set in this domain</span>;
                    },
                  },
                ]}
              />
            </>
          );
        }}
      </Answered>
    </div>
  );
}

function Tile({ n, what }: { n: number; what: string }) {
  return (
    <div className="tile">
      <strong>{count(n)}</strong>
      <span className="soft">{what}</span>
    </div>
  );
}
