import {
  type Project,
  SignatureKind,
  type Symbol as TypeSymbol,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync';
import { SyntaxKind } from 'typescript/unstable/ast';

/**
 * Writes types as a declaration file that imports nothing. Interfaces keep their names and comments; whatever else has a
 * name, such as what is inferred from a schema, is written out. What has a `toJSON` is written as what that returns, for
 * that is what a client gets.
 */
export class TypePrinter {
  readonly project: Project;
  readonly #interfaces = new Map<string, { readonly symbolId: number; text: string }>();

  constructor(project: Project) {
    this.project = project;
  }

  /** Those that the texts so far name, each as a declaration. */
  get interfaces(): string[] {
    return [...this.#interfaces.values()].map(({ text }) => text);
  }

  text(type: Type): string {
    const { checker } = this.project;
    if (type.isUnionType()) return this.#union(type, type.getTypes());
    if (checker.isArrayType(type)) return this.#array(type);
    if (!type.isObjectType()) return this.#ownText(type);
    if (checker.isTupleType(type)) throw new Error(`A tuple: ${this.#ownText(type)}`);
    const json = checker.getPropertyOfType(type, 'toJSON');
    if (json !== undefined) return this.text(this.#returned(json));
    const symbol = type.getSymbol();
    if (symbol === undefined || (symbol.flags & SymbolFlags.TypeLiteral) !== 0) {
      return `{ ${this.#body(type)} }`;
    }
    if (this.#isOfTheLanguage(symbol)) return this.#generic(symbol, type);
    const hasName = type.isClassOrInterface() && (symbol.flags & SymbolFlags.Interface) !== 0;
    return hasName ? this.#named(symbol, type) : `{ ${this.#body(type)} }`;
  }

  /** The members of an object, each with its comment. */
  #body(type: Type): string {
    const { checker } = this.project;
    if (checker.getSignaturesOfType(type, SignatureKind.Call).length > 0) {
      throw new Error(`A function: ${this.#ownText(type)}`);
    }
    const members = checker.getPropertiesOfType(type).map((property) => this.#member(property));
    const indexed = checker.getIndexInfosOfType(type).map(({ keyType, valueType, isReadonly }) => {
      const key = `${isReadonly ? 'readonly ' : ''}[key: ${this.text(keyType)}]`;
      return `${key}: ${this.text(valueType)};`;
    });
    return [...members, ...indexed].join(' ');
  }

  #member(property: TypeSymbol): string {
    const type = this.typeOf(property);
    const isOptional = (property.flags & SymbolFlags.Optional) !== 0;
    const name = /^\w+$/.test(property.name) ? property.name : JSON.stringify(property.name);
    const text = isOptional
      ? `${name}?: ${this.#optionalText(type)};`
      : `${name}: ${this.text(type)};`;
    return `${this.#comment(property)}${this.#isReadonly(property) ? 'readonly ' : ''}${text}`;
  }

  typeOf(symbol: TypeSymbol): Type {
    const type = this.project.checker.getTypeOfSymbol(symbol);
    if (type === undefined) throw new Error(`${symbol.name} has no type.`);
    return type;
  }

  #isReadonly(property: TypeSymbol): boolean {
    if ((property.checkFlags & checkedReadonly) !== 0) return true;
    const declaration = property.valueDeclaration?.resolve();
    let isReadonly = false;
    declaration?.forEachChild((child) => {
      if (child.kind === SyntaxKind.ReadonlyKeyword) isReadonly = true;
    });
    return isReadonly;
  }

  #comment(symbol: TypeSymbol): string {
    const text = symbol.getDocumentationComment(this.project.checker);
    return text === '' ? '' : `\n/** ${text.replaceAll(/\s+/g, ' ')} */\n`;
  }

  #union(type: Type, parts: readonly Type[]): string {
    // `boolean`, and enumerations of literals, which are long enough as they are.
    if (parts.every((part) => !part.isObjectType())) return this.#ownText(type);
    const [nothing, something] = [
      parts.filter(isNothing),
      parts.filter((part) => !isNothing(part)),
    ];
    return [...something, ...nothing].map((part) => this.text(part)).join(' | ');
  }

  /** Of a property that may be left out: being so is a part of its type, and no value that it may have. */
  #optionalText(type: Type): string {
    if (!type.isUnionType()) return this.text(type);
    const { id } = this.project.checker.getUndefinedType();
    const parts = type.getTypes();
    const values = parts.filter((part) => !isUndefined(part) || part.id === id);
    if (values.length === parts.length) return this.#union(type, parts);
    return values.map((part) => this.text(part)).join(' | ');
  }

  #array(type: Type): string {
    const [element] = type.isTypeReference() ? this.project.checker.getTypeArguments(type) : [];
    if (element === undefined) throw new Error(`An array of nothing: ${this.#ownText(type)}`);
    const isReadonly = type.getSymbol()?.name === 'ReadonlyArray';
    return `${isReadonly ? 'ReadonlyArray' : 'Array'}<${this.text(element)}>`;
  }

  #generic(symbol: TypeSymbol, type: Type): string {
    const parameters = type.isTypeReference() ? this.project.checker.getTypeArguments(type) : [];
    // Those that are left out stand for `any`.
    const given = parameters.findLastIndex(({ flags }) => (flags & unknownFlags) === 0) + 1;
    const texts = parameters.slice(0, given).map((parameter) => this.text(parameter));
    return texts.length === 0 ? symbol.name : `${symbol.name}<${texts.join(', ')}>`;
  }

  #named(symbol: TypeSymbol, type: Type): string {
    const known = this.#interfaces.get(symbol.name);
    if (known !== undefined && known.symbolId !== symbol.id) {
      throw new Error(`There are two interfaces of the name ${symbol.name}.`);
    }
    if (known === undefined) {
      const declared = { symbolId: symbol.id, text: '' };
      // Before its members, which may name it.
      this.#interfaces.set(symbol.name, declared);
      const body = this.#body(type);
      declared.text = `${this.#comment(symbol)}export interface ${symbol.name} { ${body} }`;
    }
    return symbol.name;
  }

  #returned(method: TypeSymbol): Type {
    const { checker } = this.project;
    const [signature] = checker.getSignaturesOfType(this.typeOf(method), SignatureKind.Call);
    const returned = signature && checker.getReturnTypeOfSignature(signature);
    if (returned === undefined) throw new Error(`${method.name} returns nothing.`);
    return returned;
  }

  #isOfTheLanguage(symbol: TypeSymbol): boolean {
    return symbol.declarations.some(({ path }) => /\/lib\.[\w.]+\.d\.ts$/.test(path));
  }

  #ownText(type: Type): string {
    if ((type.flags & unknownFlags) !== 0) {
      throw new Error(`Nothing is known of a type: ${type.isErrorType() ? 'an error' : 'any'}`);
    }
    return this.project.checker.typeToString(type, undefined, wholeText);
  }
}

function isUndefined({ flags }: Type): boolean {
  return (flags & TypeFlags.Undefined) !== 0;
}

function isNothing({ flags }: Type): boolean {
  return (flags & (TypeFlags.Undefined | TypeFlags.Null)) !== 0;
}

const unknownFlags = TypeFlags.Any | TypeFlags.TypeParameter;
/** Of a property that was made for a mapped type; the compiler exports no name for it. */
const checkedReadonly = 8;
/** NoTruncation and InTypeAlias. */
const wholeText = 1 | 8_388_608;
