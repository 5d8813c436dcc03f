// SPDX-License-Identifier: Apache-2.0
//
// What the trigger executes: a program that does nothing, static so that its exec is as short as one can be.
int main(void) { return 0; }
