export const countOnnxruntime = async () => undefined;
