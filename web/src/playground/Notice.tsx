import { useEffect, useState } from 'react';

interface Loaded {
  edition: 'FACTS' | 'FULL';
  mappings: number;
  sets: number;
}

// The notice says what is being asked, and what its answers do not mean.
export function Notice() {
  const [loaded, setLoaded] = useState<Loaded | 'failed' | undefined>();
  useEffect(() => {
    const query = '{ dataset { edition counts { mappings sets } } }';
    fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
    })
      .then((response) => response.json())
      .then(({ data }) => setLoaded({ edition: data.dataset.edition, ...data.dataset.counts }))
      .catch(() => setLoaded('failed'));
  }, []);
  return (
    <header className="notice">
      <a className="brand" href="/">
        mapgraph
      </a>
      <p>
        <Dataset loaded={loaded} /> <em>MAPPED</em> means that somebody tied a capability to a technique, never that it is prevented.
      </p>
    </header>
  );
}

function Dataset({ loaded }: { loaded: Loaded | 'failed' | undefined }) {
  if (loaded === undefined) return null;
  if (loaded === 'failed') return <>The API does not answer; is the server running?</>;
  const counts = `${loaded.mappings.toLocaleString('en')} mappings in ${loaded.sets} sets.`;
  if (loaded.edition === 'FULL') return <>{counts}</>;
  return (
    <>
      Facts edition: {counts} Comments and descriptions come with <code>mapgraph fetch</code>.
    </>
  );
}
