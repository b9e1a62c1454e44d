import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** A row of `product_images`. */
export interface ProductImageModel extends Model<
  InferAttributes<ProductImageModel>,
  InferCreationAttributes<ProductImageModel>
> {
  id: CreationOptional<number>;
  productId: number;
  url: string;
  alt: string;
  position: number;
}

export function defineProductImageModel(sequelize: Sequelize): ModelStatic<ProductImageModel> {
  return sequelize.define<ProductImageModel>(
    'ProductImage',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      productId: { type: DataTypes.INTEGER, allowNull: false, field: 'product_id' },
      url: { type: DataTypes.TEXT, allowNull: false },
      alt: { type: DataTypes.TEXT, allowNull: false },
      position: { type: DataTypes.INTEGER, allowNull: false },
    },
    { tableName: 'product_images', timestamps: false },
  );
}
