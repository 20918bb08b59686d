import { Component, type ReactNode } from 'react';
import { Trouble } from './Faces';

/** Keeps a defect of one page from taking the others with it. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error) return <Trouble error={this.state.error} again={() => this.setState({ error: null })} />;
    return this.props.children;
  }
}
