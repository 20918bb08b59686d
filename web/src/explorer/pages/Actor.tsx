import { Button, Group } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { useAnswer } from '../api';
import { graphql } from '../gql';
import type { TallyFragment } from '../gql/graphql';
import { Answered, Nothing } from '../parts/Faces';
import { Folded } from '../parts/Folded';
import { Heading } from '../parts/Heading';
import { Missing } from '../parts/Missing';
import { Prose } from '../parts/Prose';
import { GapTable, type Gap } from '../parts/GapTable';
import { QuestionBar } from '../parts/QuestionBar';
import { ShareBar, ShareKey } from '../parts/Shares';
import { ActorList, Count, Outside, type Actor as Kind } from '../parts/Things';
import { carried, names, useQuestion, variablesOf } from '../question';
import { count, idAndName, percent, words } from '../words';

const actorQuery = graphql(`
  query ActorPage(
    $id: String!
    $group: Boolean!
    $software: Boolean!
    $campaign: Boolean!
    $frameworks: [ID!]
    $stack: StackInput
    $view: ViewInput
    $filter: MappingFilter
    $rollUp: RollUp
  ) {
    group(attackId: $id, view: $view) @include(if: $group) {
      attackId
      name
      url
      status
      aliases
      description
      techniques {
        attackId
      }
      software {
        attackId
        name
      }
      campaigns {
        attackId
        name
      }
      coverage(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp) {
        ...Tally
      }
      gaps(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp, orderBy: GROUPS, first: 1000) {
        nodes {
          ...GapRow
        }
      }
    }
    software(attackId: $id, view: $view) @include(if: $software) {
      attackId
      name
      url
      status
      aliases
      description
      techniques {
        attackId
      }
      groups {
        attackId
        name
      }
      campaigns {
        attackId
        name
      }
      coverage(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp) {
        ...Tally
      }
      gaps(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp, orderBy: GROUPS, first: 1000) {
        nodes {
          ...GapRow
        }
      }
    }
    campaign(attackId: $id, view: $view) @include(if: $campaign) {
      attackId
      name
      url
      status
      aliases
      description
      techniques {
        attackId
      }
      groups {
        attackId
        name
      }
      software {
        attackId
        name
      }
      coverage(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp) {
        ...Tally
      }
      gaps(frameworks: $frameworks, stack: $stack, filter: $filter, rollUp: $rollUp, orderBy: GROUPS, first: 1000) {
        nodes {
          ...GapRow
        }
      }
    }
  }
`);

export default function Actor({ kind }: { kind: Kind }) {
  const { id = '' } = useParams();
  const { question, params } = useQuestion();
  const { scope: _, ...asked } = variablesOf(question);
  const query = useAnswer(actorQuery, {
    id,
    group: kind === 'group',
    software: kind === 'software',
    campaign: kind === 'campaign',
    ...asked,
  });
  return (
    <div className="page">
      <Answered query={query} title={id}>
        {(data) => {
          const o = data.group ?? data.software ?? data.campaign;
          if (!o)
            return (
              <Missing title={id}>
                ATT&amp;CK has no {kind} {id} in this release. Choose another release above, or search with Ctrl K.
              </Missing>
            );
          const next = new URLSearchParams(carried(params));
          next.set(kind === 'group' ? names.groups : kind === 'software' ? names.software : names.campaigns, o.attackId);
          return (
            <article>
              <p className="soft" style={{ margin: 0 }}>
                {kind}
                {o.status !== 'ACTIVE' && `, ${words(o.status)}`}
              </p>
              <Heading title={idAndName(o.attackId, o.name)}>
                <span className="id">{o.attackId}</span> {o.name}
              </Heading>
              {o.aliases.length > 1 && <p className="soft">Also {o.aliases.filter((a) => a !== o.name).join(', ')}</p>}
              <QuestionBar />
              {o.description && (
                <Folded height={120}>
                  <Prose text={o.description} />
                </Folded>
              )}
              <p>
                <Outside href={o.url}>{o.attackId} on attack.mitre.org</Outside>
              </p>
              {o.coverage.total === 0 ? (
                <Nothing>No technique is tied to it.</Nothing>
              ) : (
                <Covered coverage={o.coverage} gaps={o.gaps.nodes} />
              )}
              <Group gap="xs" my="md">
                <Button size="xs" component={Link} to={`/matrix?${next.toString()}`}>
                  On the matrix
                </Button>
                <Button size="xs" variant="default" component={Link} to={`/gaps?${next.toString()}`}>
                  What to add against it
                </Button>
              </Group>
              <ActorList title="Groups" kind="group" list={'groups' in o ? o.groups : []} />
              <ActorList title="Software" kind="software" list={'software' in o ? o.software : []} />
              <ActorList title="Campaigns" kind="campaign" list={'campaigns' in o ? o.campaigns : []} />
            </article>
          );
        }}
      </Answered>
    </div>
  );
}

function Covered({ coverage, gaps }: { coverage: TallyFragment; gaps: readonly Gap[] }) {
  return (
    <>
      <p>
        <strong data-testid="headline">
          {count(coverage.mapped)} of {count(coverage.total)} techniques that it uses are mapped ({percent(coverage.ratio)})
        </strong>
      </p>
      <ShareBar tally={coverage} tall />
      <div style={{ marginTop: 6 }}>
        <ShareKey tally={coverage} />
      </div>
      <h2>
        What it uses and nothing maps <Count>{gaps.length}</Count>
      </h2>
      <GapTable list={gaps} />
    </>
  );
}
