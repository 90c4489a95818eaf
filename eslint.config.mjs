import js from "@eslint/js";
import globals from "globals";

const odoo = { odoo: "readonly", luxon: "readonly" };

export default [
  { ignores: ["**/static/lib/**", "**/node_modules/**", ".run/**", "build/**"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: { ...globals.browser, ...odoo } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "no-unused-vars": ["error", { args: "none" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
