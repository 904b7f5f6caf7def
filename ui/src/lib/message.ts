// The explained tree of a message as rows, and its layers: as it came, joined, deciphered.

import type { ExplainedLayer, ExplainedNode } from "./api";

export interface Row extends Omit<ExplainedNode, "children" | "inner"> {
  depth: number;
}

export type Hue = "frame" | "address" | "security" | "value" | "fault";

/** The family of a kind of octets. */
export function hueOf(kind: string): Hue {
  switch (kind) {
    case "address":
    case "header":
      return "address";
    case "cipher":
      return "security";
    case "obis":
    case "text":
    case "time":
    case "value":
      return "value";
    case "check-wrong":
    case "fault":
      return "fault";
    default:
      return "frame";
  }
}

/** The nodes of a tree from the top, each with its depth. */
export function rowsOf(nodes: ExplainedNode[], depth = 0): Row[] {
  return nodes.flatMap(({ children, inner: _, ...node }) => [
    { ...node, depth },
    ...rowsOf(children, depth + 1),
  ]);
}

/** A layer and those that follow from it. */
export function layersOf(layer: ExplainedLayer): ExplainedLayer[] {
  const inner = (nodes: ExplainedNode[]): ExplainedLayer[] =>
    nodes.flatMap((node) => [...(node.inner ? layersOf(node.inner) : []), ...inner(node.children)]);
  return [layer, ...inner(layer.nodes)];
}
