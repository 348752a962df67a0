/** The time, given from outside so that tests set it. */
export type Clock = () => Date;
