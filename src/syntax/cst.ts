/** The concrete tree. Generated from parser.ts by scripts/print-grammar.mjs: do not edit. */
import type { CstNode, IToken } from 'chevrotain';

export interface ProgramCstNode extends CstNode {
  name: 'program';
  children: ProgramCstChildren;
}

export type ProgramCstChildren = {
  item?: ItemCstNode[];
};

export interface ItemCstNode extends CstNode {
  name: 'item';
  children: ItemCstChildren;
}

export type ItemCstChildren = {
  language?: LanguageCstNode[];
  import?: ImportCstNode[];
  let?: LetCstNode[];
  model?: ModelCstNode[];
  compress?: CompressCstNode[];
  block?: BlockCstNode[];
};

export interface LanguageCstNode extends CstNode {
  name: 'language';
  children: LanguageCstChildren;
}

export type LanguageCstChildren = {
  Language: IToken[];
  version: IToken[];
};

export interface ImportCstNode extends CstNode {
  name: 'import';
  children: ImportCstChildren;
}

export type ImportCstChildren = {
  Import: IToken[];
  path: IToken[];
};

export interface LetCstNode extends CstNode {
  name: 'let';
  children: LetCstChildren;
}

export type LetCstChildren = {
  Let: IToken[];
  name: IToken[];
  Equals: IToken[];
  value: ValueCstNode[];
};

export interface ModelCstNode extends CstNode {
  name: 'model';
  children: ModelCstChildren;
}

export type ModelCstChildren = {
  word: IToken[];
  name: IToken[];
  settings?: SettingsCstNode[];
  From?: IToken[];
  path?: IToken[];
};

export interface CompressCstNode extends CstNode {
  name: 'compress';
  children: CompressCstChildren;
}

export type CompressCstChildren = {
  word: IToken[];
  rules: RulesCstNode[];
};

export interface BlockCstNode extends CstNode {
  name: 'block';
  children: BlockCstChildren;
}

export type BlockCstChildren = {
  word?: IToken[];
  name?: IToken[];
  settings: SettingsCstNode[];
};

export interface SettingsCstNode extends CstNode {
  name: 'settings';
  children: SettingsCstChildren;
}

export type SettingsCstChildren = {
  LeftBrace: IToken[];
  setting?: SettingCstNode[];
  RightBrace: IToken[];
};

export interface RulesCstNode extends CstNode {
  name: 'rules';
  children: RulesCstChildren;
}

export type RulesCstChildren = {
  LeftBrace: IToken[];
  rule?: RuleCstNode[];
  RightBrace: IToken[];
};

export interface SettingCstNode extends CstNode {
  name: 'setting';
  children: SettingCstChildren;
}

export type SettingCstChildren = {
  path: PathCstNode[];
  LeftParenthesis?: IToken[];
  selector?: SelectorCstNode[];
  RightParenthesis?: IToken[];
  Equals: IToken[];
  value: ValueCstNode[];
};

export interface RuleCstNode extends CstNode {
  name: 'rule';
  children: RuleCstChildren;
}

export type RuleCstChildren = {
  Override?: IToken[];
  selector: SelectorCstNode[];
  Comma?: IToken[];
  Colon: IToken[];
  method: CallCstNode[];
  goal?: GoalCstNode[];
  Then?: IToken[];
  then?: CallCstNode[];
};

export interface GoalCstNode extends CstNode {
  name: 'goal';
  children: GoalCstChildren;
}

export type GoalCstChildren = {
  To: IToken[];
  value: ValueCstNode[];
  Fewer?: IToken[];
  Macs?: IToken[];
  Together?: IToken[];
};

export interface SelectorCstNode extends CstNode {
  name: 'selector';
  children: SelectorCstChildren;
}

export type SelectorCstChildren = {
  choice: ChoiceCstNode[];
  Except?: IToken[];
};

export interface ChoiceCstNode extends CstNode {
  name: 'choice';
  children: ChoiceCstChildren;
}

export type ChoiceCstChildren = {
  layerKind?: IToken[];
  path?: PathCstNode[];
};

export interface PathCstNode extends CstNode {
  name: 'path';
  children: PathCstChildren;
}

export type PathCstChildren = {
  part: PartCstNode[];
  Dot?: IToken[];
  step?: StepCstNode[];
};

export interface StepCstNode extends CstNode {
  name: 'step';
  children: StepCstChildren;
}

export type StepCstChildren = {
  part?: PartCstNode[];
  index?: IToken[];
};

export interface PartCstNode extends CstNode {
  name: 'part';
  children: PartCstChildren;
}

export type PartCstChildren = {
  word?: IToken[];
  set?: SetCstNode[];
};

export interface SetCstNode extends CstNode {
  name: 'set';
  children: SetCstChildren;
}

export type SetCstChildren = {
  LeftBrace: IToken[];
  word?: IToken[];
  Comma?: IToken[];
  RightBrace: IToken[];
};

export interface ValueCstNode extends CstNode {
  name: 'value';
  children: ValueCstChildren;
}

export type ValueCstChildren = {
  literal?: IToken[];
  list?: ListCstNode[];
  call?: CallCstNode[];
};

export interface ListCstNode extends CstNode {
  name: 'list';
  children: ListCstChildren;
}

export type ListCstChildren = {
  LeftBracket: IToken[];
  value?: ValueCstNode[];
  Comma?: IToken[];
  RightBracket: IToken[];
};

export interface CallCstNode extends CstNode {
  name: 'call';
  children: CallCstChildren;
}

export type CallCstChildren = {
  callee: IToken[];
  LeftParenthesis?: IToken[];
  argument?: ArgumentCstNode[];
  Comma?: IToken[];
  RightParenthesis?: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: 'argument';
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  name?: IToken[];
  Equals?: IToken[];
  value: ValueCstNode[];
};
