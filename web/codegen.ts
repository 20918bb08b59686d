import type { CodegenConfig } from '@graphql-codegen/cli';

// Types of the explorer's queries, from the schema that the server is built of: a
// change of the schema that breaks a page breaks the build.
const config: CodegenConfig = {
  schema: '../schema.graphqls',
  documents: ['src/explorer/**/*.{ts,tsx}', '!src/explorer/gql/**'],
  ignoreNoDocuments: false,
  generates: {
    'src/explorer/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { JSON: 'unknown' },
        skipTypename: true,
      },
    },
  },
};

export default config;
