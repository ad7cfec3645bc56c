/** What one has done on the board, to be taken back and done again, the last first. */
import { t } from '../../shared/text';
import { toast } from '../../shared/toasts.svelte';

export interface Step {
  label: string;
  /** Takes it back; false if that was refused. */
  back: () => Promise<boolean>;
  /** Does it again; not where that cannot be. */
  forth?: () => Promise<boolean>;
}

export class Steps {
  #undo = $state.raw<Step[]>([]);
  #redo = $state.raw<Step[]>([]);
  /** One after the other, however quickly they are asked for. */
  #last: Promise<void> = Promise.resolve();

  get canUndo(): boolean { return this.#undo.length > 0; }
  get canRedo(): boolean { return this.#redo.length > 0; }

  record(step: Step): void {
    this.#undo = [...this.#undo, step];
    this.#redo = [];
  }

  /** It was taken back elsewhere, or never can be. */
  forget(step: Step): void {
    this.#undo = this.#undo.filter((one) => one !== step);
    this.#redo = this.#redo.filter((one) => one !== step);
  }

  /** Takes back the last step, or one of them. A step that is refused stays: what is in its way may go. */
  undo(which?: Step): Promise<void> {
    return (this.#last = this.#last.then(async () => {
      const step = which ?? this.#undo.at(-1);
      if (!step || !this.#undo.includes(step) || !(await step.back())) return;
      this.#undo = this.#undo.filter((one) => one !== step);
      if (step.forth) this.#redo = [...this.#redo, step];
      toast(t('board.undone', { title: step.label }), step.forth ? { action: { label: t('common.redo'), run: () => void this.redo(step) } } : {});
    }));
  }

  redo(which?: Step): Promise<void> {
    return (this.#last = this.#last.then(async () => {
      const step = which ?? this.#redo.at(-1);
      if (!step?.forth || !this.#redo.includes(step) || !(await step.forth())) return;
      this.#redo = this.#redo.filter((one) => one !== step);
      this.#undo = [...this.#undo, step];
    }));
  }
}
