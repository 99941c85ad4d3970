// Truth tables and one neuron that tries to be them. Nothing here knows of the page.
import { predict } from "./perceptron-core.mjs";

export const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];

export const GATES = {
  AND: [0, 0, 0, 1],
  OR: [0, 1, 1, 1],
  NAND: [1, 1, 1, 0],
  NOR: [1, 0, 0, 0],
  XOR: [0, 1, 1, 0],
};

/** What the neuron answers at the four corners. */
export const answers = (params) => CORNERS.map((x) => predict(params, x));

/** How many of the four lines of the gate's truth table the neuron gets right. */
export const right = (params, gate) => answers(params).filter((y, i) => y === GATES[gate][i]).length;
