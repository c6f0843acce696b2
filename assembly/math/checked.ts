// Arithmetic of the plain integers that reverts where the result does not fit: `checked.add(a, b)` in place
// of `a + b`, which wraps. For any of the integers of the language, inferred from the arguments.
import { divisionByZero, overflow } from "../runtime/texts";

export abstract class checked {
  static add<T>(a: T, b: T): T {
    const sum = <T>(a + b);
    if (isSigned<T>()) {
      if (((a ^ sum) & (b ^ sum)) < 0) overflow();
    } else if (sum < a) overflow();
    return sum;
  }

  static sub<T>(a: T, b: T): T {
    const difference = <T>(a - b);
    if (isSigned<T>()) {
      if (((a ^ b) & (a ^ difference)) < 0) overflow();
    } else if (a < b) overflow();
    return difference;
  }

  static mul<T>(a: T, b: T): T {
    const product = <T>(a * b);
    // The least number times −1 is the product that the division below could not check.
    if (isSigned<T>()) if (a == <T>-1 && b < 0 && product < 0) overflow();
    if (a != 0 && (isSigned<T>() && a == <T>-1 ? false : <T>(product / a) != b)) overflow();
    return product;
  }

  /** Rounds towards zero. */
  static div<T>(a: T, b: T): T {
    if (b == 0) divisionByZero();
    if (isSigned<T>()) {
      if (b == <T>-1) return checked.sub<T>(0, a);
    }
    return <T>(a / b);
  }
}
