// Puts together what one owns.
import { Button, Drawer, FileButton, Group, MultiSelect, Select, Stack, TagsInput, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconStack2, IconUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { messageOf } from '../api';
import { leftOut, optionsOf, useCapabilityChoices, useFrameworkOptions } from '../catalog';
import type { StackInput, ViewInput } from '../gql/graphql';
import { ownedIn } from '../layer';
import { sayStack } from '../said';

export const baselines = ['LOW', 'MODERATE', 'HIGH'];

interface Props {
  stack: StackInput;
  view: ViewInput;
  onChange: (stack: StackInput) => void;
}

export function StackEditor({ stack, view, onChange }: Props) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconStack2 size={15} aria-hidden />} onClick={open}>
        {sayStack(stack)}
      </Button>
      <Drawer opened={opened} onClose={close} position="right" title="My stack" size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
        <Editor stack={stack} view={view} onChange={onChange} />
      </Drawer>
    </>
  );
}

function Editor({ stack, view, onChange }: Props) {
  const frameworks = useFrameworkOptions();
  const [problem, setProblem] = useState('');
  // What was chosen last, which the address may not say yet.
  const latest = useRef(stack);
  useEffect(() => {
    latest.current = stack;
  }, [stack]);
  const change = (part: Partial<StackInput>) => {
    latest.current = tidy({ ...latest.current, ...part });
    onChange(latest.current);
  };
  const importLayer = async (file: File | null) => {
    if (!file) return;
    try {
      const owned = ownedIn(JSON.parse(await file.text()));
      const none = owned.capabilities.length === 0 && owned.techniques.length === 0;
      setProblem(none ? `${file.name}: none of its techniques is enabled with a score above 0, so it adds nothing` : '');
      change({
        capabilities: [...(stack.capabilities ?? []), ...owned.capabilities],
        techniques: [...new Set([...(stack.techniques ?? []), ...owned.techniques])],
      });
    } catch (error) {
      setProblem(`${file.name}: ${messageOf(error)}`);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" className="soft">
        All of it counts together, as one body. It stands in the address, so a link shares it.
      </Text>
      <MultiSelect
        label="NIST SP 800-53 baselines"
        searchable
        data={baselines}
        value={(stack.baselines ?? []).map((b) => b.name)}
        onChange={(list) => change({ baselines: list.map((name) => ({ name })) })}
      />
      <MultiSelect
        label="Microsoft 365 licences"
        searchable
        data={['E3', 'E5']}
        value={(stack.licences ?? []).map((l) => l.tier)}
        onChange={(list) => change({ licences: list.map((tier) => ({ tier })) })}
      />
      <MultiSelect
        label="Whole frameworks"
        searchable
        data={frameworks}
        value={[...(stack.frameworks ?? [])]}
        onChange={(list) => change({ frameworks: list })}
      />
      <Capabilities stack={stack} view={view} change={change} />
      <TagsInput
        label="Techniques covered by other means"
        description="ATT&CK ids, such as T1059.001: detections of your own"
        value={[...(stack.techniques ?? [])]}
        onChange={(techniques) => change({ techniques })}
      />
      <Group>
        <FileButton accept="application/json,.json" onChange={(f) => void importLayer(f)}>
          {(props) => (
            <Button {...props} variant="default" size="xs" leftSection={<IconUpload size={15} aria-hidden />}>
              Import a Navigator layer
            </Button>
          )}
        </FileButton>
        <Button size="xs" variant="subtle" color="red" onClick={() => onChange({})}>
          Empty the stack
        </Button>
      </Group>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem}
        </Text>
      )}
    </Stack>
  );
}

/** Leaves out what is empty, so that the address stays short. */
export function tidy(s: StackInput): StackInput {
  return Object.fromEntries(Object.entries(s).filter(([, v]) => !Array.isArray(v) || v.length > 0));
}

function Capabilities({ stack, view, change }: { stack: StackInput; view: ViewInput; change: (part: Partial<StackInput>) => void }) {
  const frameworks = useFrameworkOptions();
  const [framework, setFramework] = useState('aws');
  const { data } = useCapabilityChoices(framework, view);
  const others = (stack.capabilities ?? []).filter((c) => c.framework !== framework);
  const own = (stack.capabilities ?? []).filter((c) => c.framework === framework);
  const otherGroups = (stack.capabilityGroups ?? []).filter((g) => g.framework !== framework);
  const ownGroups = (stack.capabilityGroups ?? []).filter((g) => g.framework === framework);
  const groups = data?.framework?.groups ?? [];
  return (
    <Stack gap="xs">
      <Select
        label={`Capabilities of${leftOut(data?.framework?.capabilities)}`}
        allowDeselect={false}
        data={frameworks}
        value={framework}
        onChange={(f) => f && setFramework(f)}
      />
      {groups.length > 1 && groups.length < 40 && (
        <MultiSelect
          aria-label={`Capability groups of ${framework}`}
          placeholder={ownGroups.length ? '' : 'whole groups'}
          searchable
          data={groups.map((g) => ({ value: g.id, label: g.name }))}
          value={ownGroups.map((g) => g.group)}
          onChange={(list) => change({ capabilityGroups: [...otherGroups, ...list.map((group) => ({ framework, group }))] })}
        />
      )}
      <MultiSelect
        aria-label={`Capabilities of ${framework}`}
        placeholder={own.length ? '' : 'single capabilities'}
        searchable
        limit={80}
        data={optionsOf(data)}
        value={own.map((c) => c.capabilityId)}
        onChange={(list) => change({ capabilities: [...others, ...list.map((capabilityId) => ({ framework, capabilityId }))] })}
      />
      {others.length > 0 && (
        <Text size="xs" className="soft">
          And {others.length} of other frameworks.
        </Text>
      )}
    </Stack>
  );
}
