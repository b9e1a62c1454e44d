import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** A row of `products`, without `search_vector`, which only PostgreSQL writes and reads. */
export interface ProductModel extends Model<
  InferAttributes<ProductModel>,
  InferCreationAttributes<ProductModel>
> {
  id: CreationOptional<number>;
  sku: string;
  name: string;
  description: string;
  /** An exact decimal string: a float could not hold every price. */
  price: string;
  stock: number;
  categoryId: number;
  viewCount: CreationOptional<number>;
  version: CreationOptional<number>;
  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;
}

export function defineProductModel(sequelize: Sequelize): ModelStatic<ProductModel> {
  return sequelize.define<ProductModel>(
    'Product',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      sku: { type: DataTypes.TEXT, allowNull: false },
      name: { type: DataTypes.TEXT, allowNull: false },
      description: { type: DataTypes.TEXT, allowNull: false },
      price: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
      stock: { type: DataTypes.INTEGER, allowNull: false },
      categoryId: { type: DataTypes.INTEGER, allowNull: false, field: 'category_id' },
      viewCount: { type: DataTypes.BIGINT, field: 'view_count' },
      version: { type: DataTypes.INTEGER },
      createdAt: { type: DataTypes.DATE(3), field: 'created_at' },
      updatedAt: { type: DataTypes.DATE(3), field: 'updated_at' },
    },
    { tableName: 'products', timestamps: false },
  );
}
