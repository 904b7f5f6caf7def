// What is known of each phase. Meters between three wires state voltages between lines, and the
// rows are named after what is measured.

import type { LiveValue, Net, Origin } from "./api";

export interface PhaseRow {
  name: string;
  volts: number | null;
  voltsOrigin: Origin | null;
  amperes: number | null;
  amperesOrigin: Origin | null;
  /** Signed watts. */
  watts: number | null;
}

/** Below this a voltage is a wire that is not connected. */
const CONNECTED_V = 50;

export function phaseRows(
  values: Record<string, LiveValue | undefined>,
  net: Net | null,
): PhaseRow[] {
  const rows = [1, 2, 3].flatMap((phase) => {
    const volts = values[`voltage_l${phase}_v`];
    const amperes = values[`current_l${phase}_a`];
    if (!volts && !amperes) return [];
    const bought = values[`active_import_l${phase}_w`];
    const sold = values[`active_export_l${phase}_w`];
    const both = values[`active_net_l${phase}_w`];
    const watts =
      bought || sold ? (bought?.value ?? 0) - (sold?.value ?? 0) : (both?.value ?? null);
    return [
      {
        name: `L${phase}`,
        volts: volts?.value ?? null,
        voltsOrigin: volts?.origin ?? null,
        amperes: amperes?.value ?? null,
        amperesOrigin: amperes?.origin ?? null,
        watts,
      },
    ];
  });
  const connected = rows.filter((row) => row.volts === null || row.volts > CONNECTED_V);
  const shown = connected.length > 0 ? connected : rows;
  if (net === "it_tt_230" && shown.length === 3) return shown;
  return shown;
}
