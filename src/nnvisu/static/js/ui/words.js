// The words of the page, in a sentence or two each, for the help dialog.

/** @type {readonly (readonly [string, string])[]} */
export const WORDS = [
  [
    "Loss",
    "How wrong the network is, as one number: training makes it small. For classes it is the cross-entropy, for values the mean squared error.",
  ],
  ["Accuracy", "The share of points whose class the network predicts right."],
  ["R²", "How much of the values' variation the network explains: 1 is all, 0 is none."],
  ["Epoch", "One pass over all training points."],
  [
    "Step, update",
    "An update changes every weight once, after one batch of points. A step is one epoch.",
  ],
  [
    "Training and test points",
    "The network learns from the training points alone. The test points, drawn as diamonds, tell how well it does on points that it has not seen; the gap between both is the generalisation gap.",
  ],
  [
    "Decision map",
    "What the network predicts at every place: the colour is the class, paler where it is less certain. The line is where the decision changes.",
  ],
  [
    "Tile",
    "A unit of the network as a small map: what it gives out at every place of the plane. Blue is positive, orange negative.",
  ],
  [
    "Edge",
    "A weight. The wider it is, the larger the weight; blue is positive, orange negative. A small circle at a tile is its bias.",
  ],
  [
    "Neuron, unit",
    "Adds up its inputs, each times a weight, and its bias, and applies the activation.",
  ],
  ["Width and depth", "Width is the number of units in a layer, depth the number of layers."],
  [
    "Dead",
    "A unit that gives the same at every point has no slope anywhere, and no longer learns.",
  ],
  [
    "Saturated",
    "Where an activation is flat, a change of the weights changes nothing: the unit learns slowly.",
  ],
  [
    "Gradient",
    "How the loss would change with each weight. An update moves every weight against it; the learning rate says how far.",
  ],
];
