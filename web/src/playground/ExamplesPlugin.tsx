import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { examples } from './examples';

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" aria-hidden="true">
      <path d="M4 5h16M4 10h10M4 15h16M4 20h7" />
    </svg>
  );
}

function Content() {
  const { addTab } = useGraphiQLActions();
  const editor = useGraphiQL((state) => state.queryEditor);
  const open = (query: string) => {
    addTab();
    // The new tab takes over the one editor, so what is set now is its query.
    editor?.setValue(query);
  };
  return (
    <section className="examples" aria-label="Examples">
      <h2 className="graphiql-doc-explorer-title">Examples</h2>
      <ul>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" className="graphiql-un-styled" onClick={() => open(example.query)}>
              <strong>{example.title}</strong>
              <span>{example.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export const examplesPlugin: GraphiQLPlugin = { title: 'Examples', icon: Icon, content: Content };
