import {
  API,
  type Project,
  type Symbol as TypeSymbol,
  SymbolFlags,
} from 'typescript/unstable/sync';
import { SyntaxKind } from 'typescript/unstable/ast';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { root } from './published-package.ts';
import { TypePrinter } from './type-printer.ts';

const index = fileURLToPath(import.meta.resolve('@throughline/api'));

/**
 * The types of the service that the client names, as a declaration file of their own: those of @throughline/api come from
 * schemas, the repository and the engine, which nobody who installs the client has or needs.
 */
export async function serviceTypes(names: readonly string[]): Promise<string> {
  using api = closing(new API({ cwd: root }));
  const configFile = path.join(path.dirname(index), '../tsconfig.json');
  const project = api.value.updateSnapshot({ openProject: configFile }).getProject(configFile);
  const file = project?.program.getSourceFile(index);
  const module = file && project?.checker.getSymbolAtLocation(file);
  if (project === undefined || module === undefined) throw new Error(`${index} cannot be read.`);
  const exported = project.checker.getExportsOfModule(module);
  const printer = new TypePrinter(project);
  const declarations = names.map((name) => {
    const symbol = exported.find((one) => one.name === name);
    if (symbol === undefined) throw new Error(`@throughline/api exports no ${name}.`);
    const text =
      name === 'AppRouter'
        ? routerText(project, printer, symbol)
        : printer.text(declaredType(project, symbol));
    return text === name ? '' : `export type ${name} = ${text};`;
  });
  const text = [imports, ...printer.interfaces, ...declarations].join('\n');
  return format(text, { parser: 'typescript', singleQuote: true, printWidth: 100 });
}

const procedureTypes = {
  query: 'TRPCQueryProcedure',
  mutation: 'TRPCMutationProcedure',
  subscription: 'TRPCSubscriptionProcedure',
} as const;

const imports = `import type { TRPCBuiltRouter, ${Object.values(procedureTypes).join(', ')} } from '@trpc/server';`;

/** A router of the same procedures and errors. What a request brings along is for the service alone. */
function routerText(project: Project, printer: TypePrinter, symbol: TypeSymbol): string {
  const definition = property(printer, declaredType(project, symbol), '_def');
  const rootTypes = property(printer, property(printer, definition, '_config'), '$types');
  const errorShape = printer.text(property(printer, rootTypes, 'errorShape'));
  const transformer = printer.text(property(printer, rootTypes, 'transformer'));
  const record = recordText(property(printer, definition, 'record'));
  return `TRPCBuiltRouter<
    { ctx: object; meta: object; errorShape: ${errorShape}; transformer: ${transformer} }, ${record}>`;

  function recordText(type: ReturnType<typeof declaredType>): string {
    const members = project.checker.getPropertiesOfType(type).map((member) => {
      const memberType = printer.typeOf(member);
      const isProcedure = project.checker.getPropertyOfType(memberType, '_def') !== undefined;
      return `${member.name}: ${isProcedure ? procedureText(memberType) : recordText(memberType)};`;
    });
    return `{ ${members.join('\n')} }`;
  }

  function procedureText(type: ReturnType<typeof declaredType>): string {
    const of = property(printer, type, '_def');
    const kind = procedureKind(printer.text(property(printer, of, 'type')));
    const types = property(printer, of, '$types');
    const [input, output] = ['input', 'output'].map((name) =>
      printer.text(property(printer, types, name)),
    );
    return `${procedureTypes[kind]}<{ input: ${input}; output: ${output}; meta: object }>`;
  }
}

function procedureKind(text: string): keyof typeof procedureTypes {
  const name = text.replaceAll('"', '');
  if (name === 'query' || name === 'mutation' || name === 'subscription') return name;
  throw new Error(`There is no kind of procedure called ${text}.`);
}

function declaredType(project: Project, symbol: TypeSymbol) {
  const { checker } = project;
  const isAlias = (symbol.flags & SymbolFlags.Alias) !== 0;
  const declared = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  declared.declarations[0]?.resolve()?.forEachChild(({ kind }) => {
    if (kind !== SyntaxKind.TypeParameter) return;
    throw new Error(
      `${symbol.name} has parameters and cannot be written out: export what it is for each of them.`,
    );
  });
  return checker.getDeclaredTypeOfSymbol(declared);
}

function property(printer: TypePrinter, type: ReturnType<typeof declaredType>, name: string) {
  const found = printer.project.checker.getPropertyOfType(type, name);
  if (found === undefined) throw new Error(`A type has no ${name}.`);
  return printer.typeOf(found);
}

function closing<Value extends { close(): void }>(value: Value) {
  return { value, [Symbol.dispose]: () => value.close() };
}
