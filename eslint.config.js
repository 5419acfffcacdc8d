// What the type checker cannot see. Undefined names are its business (no-undef is off).
import js from "@eslint/js";

/** Where text could become markup or code; text from links, files and CSV is data. */
const injection = ["innerHTML", "outerHTML", "insertAdjacentHTML", "dangerouslySetInnerHTML"];

const markup = [
  { selector: "CallExpression[callee.property.name='write'][callee.object.name='document']" },
  ...injection.flatMap((name) => [
    { selector: `MemberExpression[property.name='${name}']` },
    { selector: `MemberExpression[property.value='${name}']` },
    { selector: `Property[key.name='${name}']` },
    { selector: `CallExpression[callee.property.name='${name}']` },
  ]),
].map((rule) => ({ ...rule, message: "Text is never turned into markup: make elements instead" }));

export default [
  { ignores: ["**/vendor/", "**/node_modules/", ".*/", "build/", "dist/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "off",
      "array-callback-return": "error",
      curly: ["error", "multi-line"],
      "default-case-last": "error",
      eqeqeq: "error",
      "no-alert": "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-constructor-return": "error",
      "no-else-return": ["error", { allowElseIf: false }],
      "no-eval": "error",
      "no-extend-native": "error",
      "no-implicit-coercion": ["error", { allow: ["!!", "+"] }],
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "error",
      "no-restricted-syntax": ["error", ...markup],
      "no-return-assign": "error",
      "no-self-compare": "error",
      "no-sequences": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": [
        "error",
        { args: "all", argsIgnorePattern: "^_$", varsIgnorePattern: "^_$", caughtErrors: "all" },
      ],
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-useless-concat": "error",
      "no-useless-rename": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-arrow-callback": "error",
      "prefer-const": "error",
      "prefer-object-spread": "error",
      "prefer-promise-reject-errors": "error",
      "prefer-rest-params": "error",
      "prefer-spread": "error",
      "prefer-template": "error",
      radix: "error",
      "symbol-description": "error",
      yoda: "error",
    },
  },
];
