// Reads an ATT&CK Navigator layer as what is owned, by the rule of the API's
// StackInput.layer: a stack stands in the address, where a layer has no room.
import type { CapabilityRef } from './gql/graphql';

interface Layer {
  techniques?: { techniqueID?: string; score?: number; enabled?: boolean; metadata?: { name?: string; value?: string }[] }[];
  metadata?: { name?: string; value?: string }[];
}

export function ownedIn(value: unknown): { capabilities: CapabilityRef[]; techniques: string[] } {
  const layer = value as Layer | null;
  if (typeof layer !== 'object' || !layer || !Array.isArray(layer.techniques))
    throw new Error('not a Navigator layer: it has no techniques');
  const ours = layer.metadata?.some((m) => m.name === 'source' && m.value === 'mapgraph') ?? false;
  const techniques = new Set<string>();
  const capabilities = new Map<string, CapabilityRef>();
  for (const t of layer.techniques) {
    if (!t.techniqueID || t.enabled === false || typeof t.score !== 'number' || t.score <= 0) continue;
    if (!ours) {
      techniques.add(t.techniqueID);
      continue;
    }
    for (const { name, value: ids } of t.metadata ?? []) {
      if (!name || !ids || name === 'state') continue;
      if (name === 'covered by other means') {
        techniques.add(t.techniqueID);
        continue;
      }
      for (const capabilityId of ids.split(', ')) capabilities.set(`${name}/${capabilityId}`, { framework: name, capabilityId });
    }
  }
  return { capabilities: [...capabilities.values()], techniques: [...techniques].sort() };
}
